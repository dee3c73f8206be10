//! The language of a text, by its three-letter sequences (whatlang, after Cavnar and Trenkle 1994).

/// Letters beyond this many tell nothing new and only take time.
const MAX_CHARS: usize = 3000;

/// Shorter texts are guessed wrong too often to be worth a word.
const MIN_LETTERS: usize = 60;

/// A language that people write in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Language {
    /// ISO 639-3, such as "eng".
    pub code: &'static str,
    /// In English, such as "German".
    pub name: &'static str,
}

impl Language {
    /// The language with that code, if it is one that can be told.
    pub fn from_code(code: &str) -> Option<Self> {
        let found = whatlang::Lang::from_code(code)?;
        Some(Self {
            code: found.code(),
            name: found.eng_name(),
        })
    }

    /// Whether the built-in model was trained on it.
    pub fn is_english(self) -> bool {
        self.code == "eng"
    }
}

/// What `text` is written in; `None` when it is too short or too mixed to tell.
pub fn language(text: &str) -> Option<Language> {
    let end = text
        .char_indices()
        .nth(MAX_CHARS)
        .map_or(text.len(), |(at, _)| at);
    let opening = &text[..end];
    // A word in Chinese is a letter or two, so fewer of them say as much.
    let weight = |c: char| if c.is_ascii() { 1 } else { 3 };
    let letters: usize = opening
        .chars()
        .filter(|c| c.is_alphabetic())
        .map(weight)
        .sum();
    if letters < MIN_LETTERS {
        return None;
    }
    // Which of the languages in another alphabet is often a close call, but English it is not.
    let is_sure =
        |found: &whatlang::Info| found.is_reliable() || found.script() != whatlang::Script::Latin;
    let found = whatlang::detect(opening).filter(is_sure)?;
    Some(Language {
        code: found.lang().code(),
        name: found.lang().eng_name(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: Option<&str>) {
        assert_eq!(language(text).map(|language| language.code), code);
    }

    #[test]
    fn it_tells_common_languages_and_leaves_short_texts_alone() {
        check(
            "The ferry leaves at noon and comes back in the evening, when the tide is high enough for it.",
            Some("eng"),
        );
        check(
            "Die Fähre fährt mittags ab und kommt abends zurück, wenn das Wasser hoch genug steht.",
            Some("deu"),
        );
        check(
            "Паром отправляется в полдень и возвращается вечером, когда вода стоит достаточно высоко.",
            Some("rus"),
        );
        check(
            "渡船中午出发，傍晚水位足够高的时候再回来，所以我们要等到晚上。",
            Some("cmn"),
        );
        check("Noon ferry", None);
    }
}

//! HTML: the words that a reader of the page sees.
//!
//! Through html5ever's tokenizer, which knows every entity and every oddity of real pages. Its tree
//! is not needed: which elements are open matters only for the few that hide something, and a tree
//! of a page that nests 50,000 deep takes minutes.

use std::cell::RefCell;

use encoding_rs::Encoding;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::super::draft::Draft;
use super::super::{Reason, decode};
use crate::message::count;

/// Reads a page.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let decoded = decode::text_as(bytes, declared(bytes))?;
    let mut draft = draft(&decoded.text);
    if decoded.n_broken > 0 {
        let places = count(decoded.n_broken, "place");
        draft
            .notes
            .push(format!("{places} that could not be decoded show as �"));
    }
    Ok(draft)
}

/// What the page itself says of its encoding. It can only say so in a form that ASCII shows too, so
/// a page that claims to be UTF-16 is not.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let opening = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_lowercase();
    let at = opening.find("charset=")? + "charset=".len();
    let label = opening[at..].trim_start_matches(['"', '\'', ' ']);
    let end = label.find(['"', '\'', ' ', ';', '>', '/'])?;
    Encoding::for_label(&label.as_bytes()[..end]).map(|encoding| {
        let is_wide = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
        if is_wide {
            encoding_rs::UTF_8
        } else {
            encoding
        }
    })
}

/// The text of a decoded page.
pub fn draft(html: &str) -> Draft {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    // The tokenizer stops at the end of every script, which it believes is run.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner().finished()
}

#[derive(Default)]
struct Sink(RefCell<Page>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return page.open(&tag),
            Token::TagToken(tag) => page.close(&tag.name),
            Token::CharacterTokens(text) => page.words(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// A page in the making.
#[derive(Default)]
struct Page {
    draft: Draft,
    title: Option<String>,
    in_title: bool,
    heading: Option<String>,
    /// What hides all that is in it, and how many of that name are open.
    hidden: Option<(String, usize)>,
    /// Open elements whose footer is part of the text.
    n_articles: usize,
    n_preformatted: usize,
    n_furniture: usize,
}

impl Page {
    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let raw = match name {
            "script" => Some(RawKind::ScriptData),
            "title" | "textarea" => Some(RawKind::Rcdata),
            "style" | "iframe" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
            _ => None,
        };
        self.open_named(name, tag);
        raw.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }

    fn open_named(&mut self, name: &str, tag: &Tag) {
        if let Some((hiding, n)) = &mut self.hidden {
            if closes_by_itself(hiding) && (hiding == name || is_block(name)) {
                self.hidden = None;
            } else {
                *n += usize::from(hiding == name && !tag.self_closing);
                return;
            }
        }
        let is_furniture = name == "nav" || (name == "footer" && self.n_articles == 0);
        if (is_furniture || is_hidden(name, tag)) && !is_void(name) {
            self.n_furniture += usize::from(is_furniture);
            self.hidden = Some((name.to_owned(), 1));
            return;
        }
        self.n_articles += usize::from(is_article(name));
        match name {
            "title" => self.in_title = self.title.is_none(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_heading();
                self.heading = Some(String::new());
            }
            "pre" | "textarea" => {
                self.n_preformatted += 1;
                self.draft.end_block();
            }
            "br" => match &mut self.heading {
                Some(heading) => heading.push(' '),
                None => self.draft.end_line(),
            },
            "li" | "tr" | "dt" | "dd" | "option" => self.draft.end_line(),
            "td" | "th" => self.draft.push_space(),
            name if is_block(name) => {
                self.end_heading();
                self.draft.end_block();
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((hiding, n)) = &mut self.hidden {
            *n -= usize::from(hiding == name);
            if *n > 0 && !(closes_by_itself(hiding) && is_block(name)) {
                return;
            }
            self.hidden = None;
        }
        self.n_articles -= usize::from(is_article(name)).min(self.n_articles);
        match name {
            "title" => self.in_title = false,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.end_heading(),
            "pre" | "textarea" => {
                self.n_preformatted = self.n_preformatted.saturating_sub(1);
                self.draft.end_block();
            }
            "li" | "tr" | "dt" | "dd" => self.draft.end_line(),
            "td" | "th" => self.draft.push_space(),
            name if self.heading.is_none() && is_block(name) => self.draft.end_block(),
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        if self.hidden.is_some() {
        } else if self.in_title {
            self.title.get_or_insert_default().push_str(text);
        } else if let Some(heading) = &mut self.heading {
            heading.push_str(text);
        } else if self.n_preformatted > 0 {
            self.draft.text.push_str(text);
        } else {
            self.draft.push_words(text);
        }
    }

    fn end_heading(&mut self) {
        if let Some(heading) = self.heading.take() {
            self.draft.heading(&heading);
        }
    }

    fn finished(mut self) -> Draft {
        self.end_heading();
        let title = self.title.unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        self.draft.title = Some(title).filter(|title| !title.is_empty());
        if self.n_furniture > 0 {
            let parts = count(self.n_furniture, "part");
            self.draft.notes.push(format!(
                "{parts} of a web page left out (menus and footers)"
            ));
        }
        self.draft
    }
}

/// Programs and what is not shown.
fn is_hidden(name: &str, tag: &Tag) -> bool {
    let by_name = matches!(
        name,
        "script" | "style" | "template" | "noscript" | "svg" | "iframe" | "object"
    );
    let attribute = |wanted: &str| {
        tag.attrs
            .iter()
            .find(|attribute| &*attribute.name.local == wanted)
    };
    let by_style = attribute("style").is_some_and(|style| {
        let style: String = style.value.split_whitespace().collect();
        style.contains("display:none") || style.contains("visibility:hidden")
    });
    by_name || by_style || attribute("hidden").is_some()
}

/// Elements that hold nothing and are never closed.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements that may go without an end.
fn closes_by_itself(name: &str) -> bool {
    matches!(
        name,
        "p" | "li" | "dt" | "dd" | "option" | "tr" | "td" | "th"
    )
}

/// Elements whose footer is part of what they say; that of the page is the same all over a site.
fn is_article(name: &str) -> bool {
    matches!(name, "article" | "main" | "section" | "blockquote")
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "hr"
            | "legend"
            | "main"
            | "menu"
            | "ol"
            | "p"
            | "section"
            | "summary"
            | "table"
            | "ul"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Place;

    #[test]
    fn words_stay_and_what_is_not_shown_goes() {
        let page = "<html><head><title>Low  water</title><style>p{}</style></head><body><nav>Home</nav>\
            <h1>The <em>tide</em></h1><p>It went&nbsp;out&mdash;<b>far</b>.<br>And back.</p>\
            <div style='display: none'>secret</div><footer>imprint</footer><ul><li>one<li>two</ul>\
            <table><tr><td>a</td><td>b</td></tr></table><pre>x  y\n z</pre></body></html>";
        let draft = draft(page);
        assert_eq!(draft.title.as_deref(), Some("Low water"));
        assert_eq!(
            draft.text.trim_end(),
            "The tide\n\nIt went out—far.\nAnd back.\n\none\ntwo\n\na b\n\nx  y\n z"
        );
        assert_eq!(draft.marks[0].place, Place::Heading("The tide".into()));
        assert_eq!(
            draft.notes,
            ["2 parts of a web page left out (menus and footers)"]
        );
    }

    #[test]
    fn the_page_names_its_encoding() {
        let page =
            b"<html><head><meta charset=\"koi8-r\"></head><p>\xd0\xc1\xd2\xcf\xcd</p></html>";
        assert_eq!(read(page).unwrap().text.trim(), "паром");
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        let deep = format!("{}deep words", "<div>".repeat(200_000));
        assert_eq!(draft(&deep).text.trim(), "deep words");
    }

    #[test]
    fn what_is_hidden_ends_where_it_should() {
        let check = |page: &str, expected: &str| assert_eq!(draft(page).text.trim(), expected);
        check("<p hidden>no<p>yes", "yes");
        check("<div hidden><div>no</div>no</div>yes", "yes");
        check("<input hidden>yes<br hidden>too", "yes\ntoo");
        check("<script>if (a < b) { '</p>' }</script>yes", "yes");
        check("<h2>open<p>yes", "open\n\nyes");
        check(
            "<article>one<footer>two</footer></article><footer>no</footer>",
            "one\n\ntwo",
        );
        check("a &lt; b &amp;amp; &eacute;&#x301;", "a < b &amp; é\u{301}");
    }
}

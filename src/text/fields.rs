//! What documents say about themselves, column by column: which columns there are, and of what kind.

use std::collections::BTreeMap;

use super::document::Document;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Words.
    Text,
    /// Numbers.
    Number,
    /// Days, as `2026-11-24` with or without a time behind it.
    Date,
}

/// A column of metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Of what kind all its values are.
    pub kind: FieldKind,
    /// How many documents have it.
    pub n: usize,
}

/// The columns of all documents, by name. A column is of numbers or days if every value in it is.
pub fn fields(documents: &[Document]) -> Vec<Field> {
    let mut found: BTreeMap<&str, Field> = BTreeMap::new();
    for (name, value) in documents.iter().flat_map(|document| &document.metadata) {
        if value.trim().is_empty() {
            continue;
        }
        let kind = kind(value);
        let field = found.entry(name).or_insert_with(|| Field {
            name: name.clone(),
            kind,
            n: 0,
        });
        field.n += 1;
        if field.kind != kind {
            field.kind = FieldKind::Text;
        }
    }
    found.into_values().collect()
}

fn kind(value: &str) -> FieldKind {
    if number(value).is_some() {
        FieldKind::Number
    } else if day(value).is_some() {
        FieldKind::Date
    } else {
        FieldKind::Text
    }
}

/// A finite number, as `12`, `-1.5` or `3e4`.
pub fn number(value: &str) -> Option<f64> {
    let value = value.trim();
    // `inf`, `nan` and their kin are words.
    let is_number = value.contains(|letter: char| letter.is_ascii_digit());
    let number: f64 = value.parse().ok().filter(|_| is_number)?;
    number.is_finite().then_some(number)
}

/// Days from 1 January 1970 to a date in the Gregorian calendar, as `2026-11-24` or `2026-11-24T09:30`.
pub fn day(value: &str) -> Option<i64> {
    let value = value.trim();
    let (date, rest) = value.split_at_checked(10)?;
    let is_alone = rest.is_empty() || rest.starts_with(['T', ' ']);
    let mut parts = date.split('-');
    let mut part = |len: usize| -> Option<i64> {
        let text = parts.next()?;
        let is_number = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok())?
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && is_alone;
    is_date.then(|| days_from_civil(year, month, day))
}

/// Hinnant 2013, "chrono-compatible low-level date algorithms": the year begins in March, so that the
/// leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date so many days after 1 January 1970, as `2026-11-24`; the way back from [`day`].
pub fn date(day: i64) -> String {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Source;

    fn document(metadata: &[(&str, &str)]) -> Document {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Document {
            title: String::new(),
            text: "x".into(),
            source: Source::Pasted(1),
            metadata: metadata.iter().map(pair).collect(),
            marks: Vec::new(),
            copies: Vec::new(),
            language: None,
        }
    }

    #[test]
    fn a_column_is_of_the_kind_of_all_its_values() {
        let documents = [
            document(&[("stars", "5"), ("when", "2026-11-24"), ("mixed", "7")]),
            document(&[
                ("stars", "-1.5"),
                ("when", "2026-11-25T09:30:00Z"),
                ("mixed", "seven"),
            ]),
            document(&[("stars", " "), ("by", "Ada")]),
        ];
        let found: Vec<_> = fields(&documents)
            .into_iter()
            .map(|field| (field.name, field.kind, field.n))
            .collect();
        assert_eq!(
            found,
            [
                ("by".into(), FieldKind::Text, 1),
                ("mixed".into(), FieldKind::Text, 2),
                ("stars".into(), FieldKind::Number, 2),
                ("when".into(), FieldKind::Date, 2)
            ]
        );
    }

    #[test]
    fn days_are_counted() {
        let known = [
            ("1970-01-01", 0),
            ("1970-01-02 12:00", 1),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-24T10:00:00+01:00", 20_781),
        ];
        for (text, expected) in known {
            assert_eq!(day(text), Some(expected), "{text}");
            assert_eq!(date(expected), text[..10]);
        }
        for wrong in [
            "2026-13-01",
            "2026-1-1",
            "24.11.2026",
            "2026-11-24x",
            "",
            "ü026-11-24",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn words_are_no_numbers() {
        assert_eq!(number(" 3e4 "), Some(30_000.0));
        for wrong in ["inf", "NaN", "1,5", "five", "", "1e999"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }
}

//! What every section is made from, and how all of them name an item.

use super::markup::Html;
use super::places::Places;
use crate::export::Found;
use crate::message::{count, grouped};
use crate::session::{Items, Level, Session};

/// A finished exploration.
pub struct Subject<'a> {
    /// All of it.
    pub session: &'a Session,
    /// What it found.
    pub found: Found<'a>,
    /// How places are shown.
    pub places: Places,
}

impl<'a> Subject<'a> {
    /// `None` before the items are clustered, drawn and compared.
    pub fn of(session: &'a Session) -> Option<Self> {
        Some(Self {
            session,
            found: Found::of(session)?,
            places: Places::of(session.inputs()),
        })
    }

    /// The items.
    pub fn items(&self) -> Items<'a> {
        self.found.items
    }

    /// What a person calls an item.
    pub fn noun(&self) -> &'static str {
        match self.items().level() {
            Level::Documents => "document",
            Level::Passages => "passage",
        }
    }

    /// `3 documents`.
    pub fn count(&self, n: usize) -> String {
        count(n, self.noun())
    }

    /// What is counted in place of words.
    pub fn unit(&self) -> &'static str {
        match self.session.own_vectors() {
            Some(_) => "word",
            None => "token",
        }
    }

    /// Where an item stands: its file, and the page or heading of a passage.
    pub fn place(&self, item: usize) -> String {
        let items = self.items();
        let document = items.document(item);
        let source = self.places.source(&document.source);
        let range = match items.level() {
            Level::Documents => return source,
            Level::Passages => &items.embedded().passages.list[item].range,
        };
        match document.place(range) {
            Some(place) => format!("{source}, {place}"),
            None => source,
        }
    }

    /// Title and place of an item, as two cells of a table.
    pub fn cells(&self, html: &mut Html, item: usize) {
        html.element("td", &[], |html| html.quoted(&self.items().title(item)));
        html.element("td", &[("class", "place")], |html| {
            html.quoted(&self.place(item));
        });
    }
}

/// A cell with a number.
pub fn number(html: &mut Html, text: &str) {
    html.leaf("td", &[("class", "number")], text);
}

/// A cosine or a similar figure, as everywhere in lists.
pub fn score(html: &mut Html, value: f32) {
    number(html, &decimals(f64::from(value)));
}

/// Two decimals, with a minus that is as wide as a digit; never −0.00.
pub fn decimals(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix('-') {
        Some("0.00") => "0.00".into(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A table that scrolls by itself where it is wider than the page; `numbers` of its last columns
/// hold numbers.
pub fn table(
    html: &mut Html,
    caption: &str,
    columns: &[&str],
    numbers: usize,
    rows: impl FnOnce(&mut Html),
) {
    let attributes = [
        ("class", "table"),
        ("role", "region"),
        ("tabindex", "0"),
        ("aria-label", caption),
    ];
    html.element("div", &attributes, |html| {
        html.element("table", &[], |html| {
            html.leaf("caption", &[], caption);
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    let attributes = [("scope", "col"), ("class", "number")];
                    for (at, column) in columns.iter().enumerate() {
                        let is_number = at + numbers >= columns.len();
                        html.leaf("th", &attributes[..=usize::from(is_number)], column);
                    }
                });
            });
            rows(html);
        });
    });
}

/// What a list that is cut says of the rest, so that nothing is left out silently.
pub fn rest(html: &mut Html, shown: usize, all: usize, what: &str) {
    if shown < all {
        let text = format!(
            "{} of {} {what} are listed; {} more are not, to keep this page quick.",
            grouped(shown),
            grouped(all),
            grouped(all - shown)
        );
        html.leaf("p", &[("class", "rest")], &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_two_decimals_and_a_true_minus() {
        let told = [0.934, -0.128, -0.001].map(decimals);
        assert_eq!(told, ["0.93", "−0.13", "0.00"]);
    }

    #[test]
    fn what_a_list_leaves_out_is_said() {
        let told = |shown, all| {
            let mut html = Html::default();
            rest(&mut html, shown, all, "documents");
            html.finished()
        };
        assert_eq!(told(7, 7), "");
        assert_eq!(
            told(1000, 3412),
            "<p class=\"rest\">1,000 of 3,412 documents are listed; 2,412 more are not, to keep \
             this page quick.</p>\n"
        );
    }

    #[test]
    fn the_last_columns_hold_numbers() {
        let mut html = Html::default();
        table(&mut html, "Sizes", &["Name", "Size"], 1, |_| {});
        let html = html.finished();
        let name = html.contains(r#"<th scope="col">Name</th>"#);
        let size = html.contains(r#"<th scope="col" class="number">Size</th>"#);
        assert!(name && size, "{html}");
    }
}

//! Markup in the making: whatever stands between tags or in an attribute is escaped here, so that
//! no section can forget to.

use crate::export::escape::escaped;

/// Elements that stand within a line; all others end one.
const INLINE: [&str; 5] = ["a", "span", "strong", "small", "mark"];

/// A part of a page.
#[derive(Debug, Default)]
pub struct Html(String);

/// Names and values.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// An element and what `inside` writes into it.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) {
        self.0.push('<');
        self.0.push_str(name);
        for (attribute, value) in attributes {
            self.0.push(' ');
            self.0.push_str(attribute);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
        inside(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        if !INLINE.contains(&name) {
            self.0.push('\n');
        }
    }

    /// An element that holds nothing but text.
    pub fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |html| html.text(text));
    }

    /// Our own words.
    pub fn text(&mut self, text: &str) {
        self.0.push_str(&escaped(text));
    }

    /// Words of a document or a file name: they run from the right where their letters do, and
    /// never turn the words around them.
    pub fn quoted(&mut self, text: &str) {
        self.leaf("span", &[("dir", "auto")], text);
    }

    /// Markup that is escaped already.
    pub fn markup(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// All that was written.
    pub fn finished(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest_and_all_that_is_in_them_is_escaped() {
        let mut html = Html::default();
        html.element("p", &[("title", "5\" < 6\"")], |html| {
            html.text("R&D ");
            html.quoted("</p><b>");
        });
        assert_eq!(
            html.finished(),
            "<p title=\"5&quot; &lt; 6&quot;\">R&amp;D <span dir=\"auto\">&lt;/p&gt;&lt;b&gt;</span></p>\n"
        );
    }
}

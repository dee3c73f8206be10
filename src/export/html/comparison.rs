//! Two texts side by side, as a page of its own.

use super::HEAD;
use super::markup::Html;
use crate::export::comparison::{End, Pair, Side, Told};

/// What this page has and the report has not.
const STYLE: &str = "
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 32px; }
mark { background: rgba(55, 103, 224, 0.22); color: inherit; }
mark small { color: var(--secondary); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td { vertical-align: top; padding: 4px 12px 4px 0; }
";

/// The page. Whatever is of the documents is escaped, and it runs and loads nothing.
pub fn comparison_page(told: &Told) -> String {
    let [left, right] = &told.sides;
    let mut html = Html::default();
    html.markup(HEAD);
    let title = format!("{} · {} · Semascope", left.title, right.title);
    html.leaf("title", &[], &title);
    html.element("style", &[], |html| {
        html.markup(include_str!("style.css"));
        html.markup(STYLE);
    });
    html.markup("</head>\n<body>\n");
    html.element("header", &[], |html| {
        html.leaf("p", &[("class", "kind")], "Semascope comparison");
        html.element("h1", &[], |html| {
            html.quoted(&left.title);
            html.text(" · ");
            html.quoted(&right.title);
        });
        html.element("p", &[], |html| {
            html.leaf("strong", &[], &format!("Cosine {:.3}", told.score));
        });
        for note in &told.notes {
            html.leaf("p", &[], note);
        }
    });
    html.element("main", &[], |html| {
        pairs(html, told);
        html.element("div", &[("class", "sides")], |html| {
            side(html, left);
            side(html, right);
        });
    });
    html.markup("</body>\n</html>\n");
    html.finished()
}

fn pairs(html: &mut Html, told: &Told) {
    html.element("section", &[], |html| {
        html.leaf("h2", &[], &told.table_title());
        html.element("table", &[], |html| {
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    for name in ["Adds", "Cosine", "Left", "Right"] {
                        html.leaf("th", &[("scope", "col")], name);
                    }
                });
            });
            html.element("tbody", &[], |html| {
                for pair in &told.pairs {
                    row(html, pair);
                }
            });
        });
    });
}

fn row(html: &mut Html, pair: &Pair) {
    let number = [("class", "number")];
    html.element("tr", &[], |html| {
        html.leaf("td", &number, &format!("{:+.3}", pair.contribution));
        let cosine = pair
            .cosine
            .map_or(String::new(), |cosine| format!("{cosine:.2}"));
        html.leaf("td", &number, &cosine);
        for text in [&pair.left, &pair.right] {
            html.element("td", &[], |html| html.quoted(text));
        }
    });
}

fn side(html: &mut Html, side: &Side) {
    html.element("section", &[], |html| {
        html.element("h2", &[], |html| html.quoted(&side.title));
        html.element("p", &[("class", "kind")], |html| html.quoted(&side.source));
        for paragraph in side
            .sentences
            .split_inclusive(|sentence| sentence.end == End::Paragraph)
        {
            // Letters that run from the right begin at the right.
            html.element("p", &[("dir", "auto")], |html| {
                for sentence in paragraph {
                    match sentence.number {
                        Some(number) => html.element("mark", &[], |html| {
                            html.leaf("small", &[], &format!("{number}"));
                            html.text(" ");
                            html.text(&sentence.text);
                        }),
                        None => html.text(&sentence.text),
                    }
                    html.markup(if sentence.end == End::Line {
                        "<br>\n"
                    } else {
                        " "
                    });
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::comparison::tests::told;

    #[test]
    fn no_text_becomes_markup() {
        let page = comparison_page(&told());
        for own in ["<script", "<b>", "<i>", "javascript:x\"", "<img"] {
            assert!(!page.contains(own), "{own}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(page.contains("<mark><small>1</small> - Two.</mark>"));
        assert!(page.contains("潮汐 مد 🌊."));
        assert!(page.contains("default-src 'none'"));
        assert_eq!(page.matches("<mark>").count(), 2);
        assert_eq!(page.matches("<tr>").count(), 1 + 4);
    }
}

//! HTML: the words that a reader of the page sees.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use encoding_rs::Encoding;
use scraper::node::{Element, Node};
use scraper::{Html, Selector};

use super::super::draft::Draft;
use super::super::{Reason, decode};
use crate::message::count;

/// Reads a page.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let decoded = decode::text_as(bytes, declared(bytes))?;
    Ok(draft(&decoded.text))
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

/// The text of a decoded page. Walks in a loop: pages nest deeper than a stack.
pub fn draft(html: &str) -> Draft {
    let page = Html::parse_document(html);
    let mut draft = Draft {
        title: title(&page),
        ..Draft::default()
    };
    let mut hidden_in = None;
    let mut heading: Option<String> = None;
    let mut n_preformatted = 0_usize;
    let mut n_furniture = 0;
    for edge in page.tree.root().traverse() {
        match edge {
            Edge::Open(node) if hidden_in.is_none() => match node.value() {
                Node::Element(element) if is_hidden(element) => hidden_in = Some(node.id()),
                Node::Element(element) if is_furniture(element.name(), node) => {
                    n_furniture += 1;
                    hidden_in = Some(node.id());
                }
                Node::Element(element) => match element.name() {
                    "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => heading = Some(String::new()),
                    "pre" | "textarea" => {
                        n_preformatted += 1;
                        draft.end_block();
                    }
                    "br" => match &mut heading {
                        Some(heading) => heading.push(' '),
                        None => draft.end_line(),
                    },
                    "li" | "tr" | "dt" | "dd" | "option" => draft.end_line(),
                    "td" | "th" => draft.push_space(),
                    name if heading.is_none() && is_block(name) => draft.end_block(),
                    _ => {}
                },
                Node::Text(text) => match &mut heading {
                    Some(heading) => heading.push_str(text),
                    None if n_preformatted > 0 => draft.text.push_str(text),
                    None => draft.push_words(text),
                },
                _ => {}
            },
            Edge::Close(node) if hidden_in == Some(node.id()) => hidden_in = None,
            Edge::Close(node) if hidden_in.is_none() => {
                let Some(element) = node.value().as_element() else {
                    continue;
                };
                match element.name() {
                    "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                        draft.heading(&heading.take().unwrap_or_default());
                    }
                    "pre" | "textarea" => {
                        n_preformatted = n_preformatted.saturating_sub(1);
                        draft.end_block();
                    }
                    "li" | "tr" | "dt" | "dd" => draft.end_line(),
                    "td" | "th" => draft.push_space(),
                    name if heading.is_none() && is_block(name) => draft.end_block(),
                    _ => {}
                }
            }
            // What is inside of something hidden.
            Edge::Open(_) | Edge::Close(_) => {}
        }
    }
    if let Some(heading) = heading {
        draft.push_words(&heading);
    }
    if n_furniture > 0 {
        let parts = count(n_furniture, "part");
        draft.notes.push(format!(
            "{parts} of a web page left out (menus and footers)"
        ));
    }
    draft
}

fn title(page: &Html) -> Option<String> {
    let selector = Selector::parse("title").expect("it is a valid selector");
    let title: String = page.select(&selector).next()?.text().collect();
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// Programs and what is not shown.
fn is_hidden(element: &Element) -> bool {
    let by_name = matches!(
        element.name(),
        "head" | "script" | "style" | "template" | "noscript" | "svg" | "iframe" | "object"
    );
    let by_style = element.attr("style").is_some_and(|style| {
        let style: String = style.split_whitespace().collect();
        style.contains("display:none") || style.contains("visibility:hidden")
    });
    by_name || by_style || element.attr("hidden").is_some()
}

/// Menus, and the footer of the page, which is the same on every page of a site; that of an article
/// is part of it.
fn is_furniture(name: &str, node: NodeRef<'_, Node>) -> bool {
    let mut above = node
        .ancestors()
        .filter_map(|node| node.value().as_element());
    let in_article = |element: &Element| {
        matches!(
            element.name(),
            "article" | "main" | "section" | "blockquote"
        )
    };
    name == "nav" || (name == "footer" && !above.any(in_article))
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
        let deep = format!("{}deep words", "<div>".repeat(20_000));
        assert_eq!(draft(&deep).text.trim(), "deep words");
    }
}

//! The page for people who do not have the program, read as a browser reads it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::support::{finished, repository, semascope};

/// What stands on a page.
#[derive(Debug, Default)]
struct Page {
    /// Elements that are open, outermost first.
    open: Vec<String>,
    /// Names of all elements.
    elements: Vec<String>,
    ids: BTreeSet<String>,
    /// Values of attributes that can load or lead somewhere.
    links: Vec<String>,
    /// Names of all attributes.
    attributes: BTreeSet<String>,
    text: String,
    /// What a browser has to guess.
    errors: Vec<String>,
}

/// Elements without an end.
const VOID: [&str; 2] = ["meta", "link"];

#[derive(Default)]
struct Reader(RefCell<Page>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let name = tag.name.to_string();
                for attribute in &tag.attrs {
                    let value = attribute.value.to_string();
                    let attribute = attribute.name.local.to_string();
                    match attribute.as_str() {
                        "id" if !page.ids.insert(value.clone()) => {
                            page.errors.push(format!("a second {value}"));
                        }
                        "href" | "src" | "action" | "data" => page.links.push(value),
                        _ => {}
                    }
                    page.attributes.insert(attribute);
                }
                page.elements.push(name.clone());
                if !VOID.contains(&name.as_str()) {
                    page.open.push(name.clone());
                }
                if name == "style" {
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
            }
            Token::TagToken(tag) => {
                let closed = page.open.pop();
                if closed.as_deref() != Some(&tag.name) {
                    let error = format!("line {line}: </{}> ends {closed:?}", tag.name);
                    page.errors.push(error);
                }
            }
            Token::CharacterTokens(text) => page.text.push_str(&text),
            Token::ParseError(error) => page.errors.push(format!("line {line}: {error}")),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn read(html: &str) -> Page {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// The page in a folder, once it is sound: nothing to guess, to run or to load.
fn sound(folder: &Path) -> Page {
    let html = fs::read_to_string(folder.join("report.html")).unwrap();
    let page = read(&html);
    assert!(page.errors.is_empty() && page.open.is_empty(), "{page:?}");
    assert!(
        html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    );
    assert!(html.contains("<html lang=\"en\">"));
    for element in ["script", "img", "iframe", "object", "embed", "base", "form"] {
        assert!(
            !page.elements.iter().any(|name| name == element),
            "{element}"
        );
    }
    assert!(!page.attributes.iter().any(|name| name.starts_with("on")));
    for link in &page.links {
        let leads_here = link
            .strip_prefix('#')
            .is_some_and(|id| page.ids.contains(id));
        assert!(leads_here || link == "data:,", "{link}");
    }
    page
}

#[test]
fn it_tells_all_there_is_without_the_program() {
    let out = tempfile::tempdir().unwrap();
    let folders = ["assets/sample/bees", "assets/sample/tides"].map(repository);
    let missing = out.path().join("not-there.txt");
    let (code, printed, said) = finished(
        semascope()
            .arg("run")
            .args(&folders)
            .arg(&missing)
            .args(["--clusters", "2", "--threshold", "0.8", "--out"])
            .arg(out.path()),
    );
    assert_eq!(code, 0, "{said}");
    assert!(printed.contains("report.html"), "{printed}");
    let page = sound(out.path());
    let n = |element: &str| page.elements.iter().filter(|name| *name == element).count();
    // A dot for each of 17 documents, and two for each cluster: in the legend and at its heading.
    assert_eq!((n("circle"), n("article")), (17 + 2 * 2, 2));
    assert_eq!((n("h1"), n("h2")), (1, 6));
    for told in [
        "bees, tides and not-there.txt",
        "tides/rule-of-twelfths.txt",
        "17 documents in 2 clusters",
        "Group 1: 2 documents",
        "does not exist",
        "local/all-MiniLM-L6-v2@",
        "points that lie nearest are near in meaning too",
        "2 were asked for; seed 42.",
        "a cosine of 0.80 or more",
        concat!("Semascope ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(page.text.contains(told), "{told}");
    }
    // Whose computer it was is nobody's business.
    assert!(!page.text.contains(env!("CARGO_MANIFEST_DIR")));
}

#[test]
fn hostile_titles_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let texts = "title,text\n\
        <script>alert(1)</script>,At low water the sand lies dry\n\
        \"\"\" onmouseover=\"\"alert(1)\",<b>At high water</b> the sand & rocks are wet\n\
        </title></svg><base href=//evil>,潮汐 <!-- the sea is drawn by the moon\n\
        المد,<![CDATA[ the sea is drawn by the sun ]]> &lt;\n";
    fs::write(at("<i>.csv"), texts).unwrap();
    fs::write(at("v.csv"), "x,y\n1,0\n1,0.01\n0,1\n0.01,1\n").unwrap();
    let (code, _, said) = finished(
        semascope()
            .arg("import")
            .arg(at("v.csv"))
            .arg("--texts")
            .arg(at("<i>.csv"))
            .arg("--out")
            .arg(at("out")),
    );
    assert_eq!(code, 0, "{said}");
    let page = sound(&at("out"));
    for title in [
        "<script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "</title></svg><base href=//evil>",
        "المد",
        "<i>.csv",
    ] {
        assert!(page.text.contains(title), "{title}");
    }
}

//! One page for people who do not have the program: the map, the clusters, what says the same, what
//! was not read, and how all of it was made.
//!
//! The page holds everything that it shows: it runs no script, loads nothing, and says so to the
//! browser. It bears no date, so that two runs on the same input give the same page. Lists that
//! would make it slow to open are cut, and say what they leave out.

mod alone;
mod clusters;
mod comparison;
mod duplicates;
mod map;
mod markup;
mod method;
mod places;
mod subject;
mod unread;

pub use comparison::comparison_page;

use markup::Html;
use places::Places;
use subject::Subject;

use crate::message::{grouped, sentence};
use crate::session::Session;
use crate::text::Corpus;

/// Everything up to the title. The policy forbids whatever a page can load or run, so that even a
/// tag that slipped through could do nothing.
const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
"#;

/// The page of a finished session; where nothing could be read, only what that was, and why.
///
/// `None` before documents are read, clustered, drawn and compared. What is being made anew at the
/// moment is told as it was before.
pub fn html_report(session: &Session) -> Option<String> {
    let corpus = session.corpus()?;
    let names = places::names(session.inputs());
    let title = places::title(&names);
    if corpus.documents.is_empty() {
        // Files that wait for a decision are not unreadable.
        let is_read = corpus.crowd.is_none();
        return is_read.then(|| page(&title, |html| nothing(html, session, corpus)));
    }
    let subject = Subject::of(session)?;
    Some(page(&title, |html| body(html, &subject, &names)))
}

fn page(title: &str, body: impl FnOnce(&mut Html)) -> String {
    let mut html = Html::default();
    html.markup(HEAD);
    html.leaf("title", &[], &format!("{title} · Semascope"));
    html.element("style", &[], |html| html.markup(include_str!("style.css")));
    html.markup("</head>\n<body>\n");
    html.element("header", &[], |html| {
        html.leaf("p", &[("class", "kind")], "Semascope report");
        html.element("h1", &[], |html| html.quoted(title));
    });
    html.element("main", &[], body);
    let version = env!("CARGO_PKG_VERSION");
    let foot = format!(
        "Made by Semascope {version}. This page holds all that it shows and loads nothing."
    );
    html.element("footer", &[], |html| html.leaf("p", &[], &foot));
    html.markup("</body>\n</html>\n");
    html.finished()
}

fn nothing(html: &mut Html, session: &Session, corpus: &Corpus) {
    let text = "No document was read, so there is nothing to show.";
    html.leaf("p", &[], text);
    unread::section(html, session, corpus, &Places::of(session.inputs()));
}

fn body(html: &mut Html, subject: &Subject<'_>, names: &[String]) {
    let corpus = &subject.items().embedded().corpus;
    figures(html, subject);
    summary(html, subject, names);
    contents(html);
    map::section(html, subject);
    clusters::section(html, subject);
    duplicates::section(html, subject);
    alone::section(html, subject);
    unread::section(html, subject.session, corpus, &subject.places);
    method::section(html, subject);
}

/// How much there is.
fn figures(html: &mut Html, subject: &Subject<'_>) {
    let embedded = subject.items().embedded();
    let figure = |n: usize, noun: &str| {
        let plural = if n == 1 { "" } else { "s" };
        (n, format!("{noun}{plural}"))
    };
    let figures = [
        figure(embedded.corpus.documents.len(), "document"),
        figure(embedded.passages.list.len(), "passage"),
        figure(embedded.passages.total_tokens(), subject.unit()),
        figure(subject.found.clusters.clustering.n_clusters(), "cluster"),
        (embedded.corpus.skipped.len(), "not read".into()),
    ];
    html.element("dl", &[("class", "figures")], |html| {
        for (n, name) in figures {
            html.element("div", &[], |html| {
                html.leaf("dt", &[], &name);
                html.leaf("dd", &[], &grouped(n));
            });
        }
    });
}

/// What the figures do not say.
fn summary(html: &mut Html, subject: &Subject<'_>, names: &[String]) {
    let corpus = &subject.items().embedded().corpus;
    let languages = corpus.languages().into_iter().map(|(language, n)| {
        let name = language.map_or("unknown", |language| language.name);
        format!("{name} {}", grouped(n))
    });
    let unit = sentence(&format!("{}s", subject.unit()));
    let lines: [(&str, String); 3] = [
        ("Inputs", names.join(", ")),
        (&unit, subject.session.how_read()),
        ("Languages", languages.collect::<Vec<_>>().join(", ")),
    ];
    html.element("dl", &[("class", "facts")], |html| {
        for (name, text) in lines {
            html.element("div", &[], |html| {
                html.leaf("dt", &[], name);
                html.element("dd", &[], |html| html.quoted(&text));
            });
        }
    });
}

fn contents(html: &mut Html) {
    let sections = [
        ("#map", "Map"),
        ("#clusters", "Clusters"),
        ("#duplicates", "Duplicates"),
        ("#alone", "What stands alone"),
        ("#unread", "What was not read"),
        ("#method", "How this was made"),
    ];
    html.element("nav", &[("aria-label", "On this page")], |html| {
        html.element("ul", &[], |html| {
            for (link, name) in sections {
                html.element("li", &[], |html| html.leaf("a", &[("href", link)], name));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{ClusterMethod, HdbscanRule};
    use crate::progress::Progress;
    use crate::session::{Command, Settings, Stage};
    use crate::text::Tools;

    /// A session about rows of a title, a text and two numbers.
    fn session(rows: &[(&str, &str, [f32; 2])], settings: Settings) -> Session {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut texts = csv::Writer::from_path(at("t.csv")).unwrap();
        let mut vectors = csv::Writer::from_path(at("v.csv")).unwrap();
        texts.write_record(["title", "text"]).unwrap();
        vectors.write_record(["x", "y"]).unwrap();
        for (title, text, place) in rows {
            texts.write_record([title, text]).unwrap();
            vectors.serialize(place).unwrap();
        }
        drop((texts, vectors));
        let mut session = Session::new(settings, Tools::default());
        session.apply(Command::Import {
            vectors: at("v.csv"),
            texts: at("t.csv"),
        });
        turn(&mut session);
        session
    }

    fn turn(session: &mut Session) {
        while let Some(work) = session.due().into_iter().next() {
            session.begin(&work);
            session.absorb(work.run(&Progress::new()));
        }
    }

    const TIDES: (&str, &str, [f32; 2]) = ("Ebb", "The tide goes out twice a day", [1.0, 0.0]);
    const BEES: (&str, &str, [f32; 2]) = ("Hive", "Bees keep honey in a hive", [0.0, 1.0]);

    fn page_of(rows: &[(&str, &str, [f32; 2])]) -> String {
        html_report(&session(rows, Settings::default())).unwrap()
    }

    #[track_caller]
    fn check(page: &str, expected: &[&str]) {
        for part in expected {
            assert!(page.contains(part), "no {part} in\n{page}");
        }
    }

    #[test]
    fn a_few_documents_have_a_page() {
        let copy = ("Ebb again", TIDES.1, [1.0, 0.001]);
        let page = page_of(&[
            TIDES,
            BEES,
            copy,
            ("Comb", "Bees build a comb of wax", [0.1, 1.0]),
        ]);
        check(
            &page,
            &[
                "<title>t.csv · Semascope</title>",
                "<dt>documents</dt>\n<dd>4</dd>",
                "aria-label=\"Map of 4 documents in ",
                "<title>Ebb again</title>",
                "Group 1: 2 documents, cosine 1.00",
                "t.csv, row 3",
                "imported/v.csv@",
                "PCA, the first principal components",
                "Every file that was looked at could be read.",
            ],
        );
        assert!(!page.contains("NaN"));
    }

    #[test]
    fn one_document_has_a_page_and_so_have_two() {
        let one = page_of(&[TIDES]);
        check(
            &one,
            &[
                "<dt>document</dt>\n<dd>1</dd>",
                "There is nothing to compare with.",
            ],
        );
        check(&one, &["Not measured: there are too few points"]);
        let two = page_of(&[TIDES, BEES]);
        check(
            &two,
            &["1 of 2 documents: what has the lowest mean cosine to its nearest."],
        );
        assert!(!one.contains("NaN") && !two.contains("NaN"));
    }

    #[test]
    fn when_nothing_was_read_it_says_why() {
        let mut session = Session::default();
        assert_eq!(html_report(&session), None);
        session.apply(Command::AddPaths(vec!["/nowhere/<b>.txt".into()]));
        let due = session.due().into_iter();
        let read = due
            .into_iter()
            .find(|work| work.stage == Stage::Corpus)
            .unwrap();
        session.begin(&read);
        session.absorb(read.run(&Progress::new()));
        let page = html_report(&session).unwrap();
        check(
            &page,
            &["No document was read", "&lt;b&gt;.txt", "does not exist"],
        );
    }

    #[test]
    fn there_is_no_page_before_all_is_there() {
        let mut session = Session::default();
        session.apply(Command::AddPasted("A tide".into()));
        assert_eq!(html_report(&session), None);
    }

    #[test]
    fn a_hostile_title_is_text_and_nothing_else() {
        let script = "<script>alert(1)</script>";
        let image = "\"><img src=x onerror=alert(1)>";
        let closing = "</title></svg></style><!--";
        let page = page_of(&[
            (script, TIDES.1, [1.0, 0.0]),
            (image, TIDES.1, [1.0, 0.0]),
            (
                closing,
                "<iframe src=//evil.example> in a hive of bees",
                [0.0, 1.0],
            ),
        ]);
        check(&page, &["&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;!--"]);
        for tag in ["<script", "<img", "<iframe", "<!--", "http:", "https:"] {
            assert!(!page.contains(tag), "{tag}");
        }
        assert_eq!(page.matches("</style>").count(), 1);
    }

    #[test]
    fn scripts_of_every_direction_keep_to_themselves() {
        let page = page_of(&[
            ("المد والجزر", "يرتفع البحر مرتين في اليوم", [1.0, 0.0]),
            ("潮汐", "海水每天涨落两次", [0.0, 1.0]),
        ]);
        check(
            &page,
            &[
                "<span dir=\"auto\">المد والجزر</span>",
                "<span dir=\"auto\">潮汐</span>",
            ],
        );
    }

    #[test]
    fn what_is_in_no_cluster_is_listed_too() {
        let near = |i: u8, axis: usize| {
            let mut at = [f32::from(i) * 0.01; 2];
            at[axis] = 1.0;
            ("Near", "The tide goes out", at)
        };
        let mut rows: Vec<_> = (0..8).map(|i| near(i, 0)).collect();
        rows.extend((0..8).map(|i| near(i, 1)));
        rows.push(("Far", "A game of chess", [-1.0, -1.0]));
        let mut settings = Settings::default();
        settings.cluster.method = ClusterMethod::Hdbscan(HdbscanRule::default());
        let page = html_report(&session(&rows, settings)).unwrap();
        check(
            &page,
            &[
                "17 documents in 2 clusters and 1 in none",
                "<a href=\"#no-cluster\">in no cluster</a>",
                "1 document not close enough to any cluster.",
                "fill-opacity=\"0\" stroke=\"#8c9196\"><title>Far</title>",
                "HDBSCAN: where texts lie densely",
            ],
        );
    }

    #[test]
    fn the_same_session_gives_the_same_page() {
        let rows = [TIDES, BEES];
        // The folder of the inputs differs, and is not told.
        assert_eq!(page_of(&rows), page_of(&rows));
    }
}

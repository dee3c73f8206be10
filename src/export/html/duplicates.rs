//! What says the same as something else: groups, files with exactly the same text, and sentences
//! that many documents share.

use super::markup::Html;
use super::subject::{Subject, number, rest, score, table};
use crate::message::{count, grouped, sentence};
use crate::session::{DuplicateGroup, NEIGHBORS_PER_ITEM};

/// Groups that are listed at most,
const MAX_GROUPS: usize = 200;
/// members of each,
const MAX_MEMBERS: usize = 50;
/// documents with copies,
const MAX_COPIED: usize = 200;
/// and repeated sentences. The page says how many more there are.
const MAX_SENTENCES: usize = 20;

/// The section.
pub fn section(html: &mut Html, subject: &Subject<'_>) {
    html.element("section", &[("aria-labelledby", "duplicates")], |html| {
        html.leaf("h2", &[("id", "duplicates")], "Duplicates");
        html.leaf("p", &[], &lead(subject));
        groups(html, subject);
        copies(html, subject);
        sentences(html, subject);
    });
}

fn lead(subject: &Subject<'_>) -> String {
    let found = subject.found.duplicates;
    let n = subject.items().n();
    if n < 2 {
        return "There is nothing to compare with.".into();
    }
    if found.groups.is_empty() {
        return format!(
            "No two of {} have a cosine of {:.2} or more, from which on they would be called the \
             same.",
            subject.count(n),
            found.threshold
        );
    }
    let mut told = vec![format!(
        "{} of {} say the same as another, in {}: each has a cosine of {:.2} or more to another \
         of its group. Proposed as the original of a group is the oldest where all have a date, \
         else the longest, of equally long ones that of the shortest path, and of these the first.",
        grouped(found.n_items()),
        subject.count(n),
        count(found.groups.len(), "group"),
        found.threshold
    )];
    if found.n_items_at_limit > 0 {
        told.push(format!(
            "{} so many duplicates that only the nearest {} were looked at; the groups are whole \
             all the same.",
            match found.n_items_at_limit {
                1 => format!("One {} has", subject.noun()),
                n => format!("{} have", subject.count(n)),
            },
            grouped(NEIGHBORS_PER_ITEM)
        ));
    }
    told.join(" ")
}

fn groups(html: &mut Html, subject: &Subject<'_>) {
    let groups = &subject.found.duplicates.groups;
    if groups.is_empty() {
        return;
    }
    rest(html, groups.len().min(MAX_GROUPS), groups.len(), "groups");
    let title = sentence(subject.noun());
    let columns = [title.as_str(), "Where", "Cosine to the original"];
    table(html, "Groups that say the same", &columns, 1, |html| {
        for (number, group) in groups.iter().enumerate().take(MAX_GROUPS) {
            html.element("tbody", &[], |html| {
                group_head(html, subject, number, group);
                members(html, subject, group);
            });
        }
    });
}

fn group_head(html: &mut Html, subject: &Subject<'_>, number: usize, group: &DuplicateGroup) {
    let n = group.items.len();
    let rest = match n.saturating_sub(MAX_MEMBERS) {
        0 => String::new(),
        more => format!(
            "; {MAX_MEMBERS} are listed and {} more are not",
            grouped(more)
        ),
    };
    let text = format!(
        "Group {}: {}, cosine {}{rest}",
        number + 1,
        subject.count(n),
        range(group.weakest, group.strongest)
    );
    html.element("tr", &[], |html| {
        html.leaf("th", &[("scope", "rowgroup"), ("colspan", "3")], &text);
    });
}

/// The original first, then the others in order.
fn members(html: &mut Html, subject: &Subject<'_>, group: &DuplicateGroup) {
    let others = group.items.iter().filter(|item| **item != group.original);
    let all = std::iter::once(&group.original).chain(others);
    for item in all.take(MAX_MEMBERS) {
        html.element("tr", &[], |html| {
            subject.cells(html, *item);
            if *item == group.original {
                number(html, "proposed original");
            } else {
                score(
                    html,
                    subject.items().embeddings().cosine(group.original, *item),
                );
            }
        });
    }
}

/// `0.95 to 0.99`, or one number when they are the same to two decimals.
fn range(weakest: f32, strongest: f32) -> String {
    let (weakest, strongest) = (format!("{weakest:.2}"), format!("{strongest:.2}"));
    if weakest == strongest {
        weakest
    } else {
        format!("{weakest} to {strongest}")
    }
}

/// Files whose text is exactly that of another: they were read once, and are no items of their own.
fn copies(html: &mut Html, subject: &Subject<'_>) {
    let corpus = &subject.items().embedded().corpus;
    let copied = corpus
        .documents
        .iter()
        .filter(|document| !document.copies.is_empty());
    let n = copied.clone().count();
    if n == 0 {
        return;
    }
    let text = match corpus.n_copies() {
        1 => "1 file has exactly the text of another. It was read as one with it.".into(),
        n => format!(
            "{} files have exactly the text of another. Each was read as one with it.",
            grouped(n)
        ),
    };
    html.leaf("h3", &[], "Word for word the same");
    html.leaf("p", &[], &text);
    html.element("details", &[], |html| {
        html.leaf("summary", &[], &format!("List of {}", count(n, "document")));
        rest(html, n.min(MAX_COPIED), n, "documents");
        html.element("ul", &[], |html| {
            for document in copied.take(MAX_COPIED) {
                html.element("li", &[], |html| {
                    html.quoted(&subject.places.source(&document.source));
                    for copy in &document.copies {
                        html.text(" = ");
                        html.quoted(&subject.places.source(copy));
                    }
                });
            }
        });
    });
}

fn sentences(html: &mut Html, subject: &Subject<'_>) {
    let Some(found) = subject.session.boilerplate() else {
        return;
    };
    let n = found.sentences.len();
    if n == 0 {
        return;
    }
    let text = if subject.session.settings.without_boilerplate {
        "They were left out before anything was compared."
    } else {
        "They were read like all others, and make documents look more alike than they are."
    };
    let heading = "Sentences that many documents share";
    html.leaf("h3", &[], heading);
    let told = format!(
        "{} in {}. {text}",
        count(n, "sentence"),
        count(found.n_documents(), "document")
    );
    html.leaf("p", &[], &told);
    html.element("details", &[], |html| {
        html.leaf("summary", &[], &format!("List of {}", count(n, "sentence")));
        rest(html, n.min(MAX_SENTENCES), n, "sentences");
        table(html, heading, &["Sentence", "Documents"], 1, |html| {
            html.element("tbody", &[], |html| {
                for sentence in found.sentences.iter().take(MAX_SENTENCES) {
                    html.element("tr", &[], |html| {
                        html.element("td", &[], |html| html.quoted(&sentence.text));
                        number(html, &grouped(sentence.n_documents));
                    });
                }
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_one_number_is_one_number() {
        assert_eq!(range(0.951, 0.988), "0.95 to 0.99");
        assert_eq!(range(0.999, 1.0), "1.00");
    }
}

//! What is like nothing else.

use super::markup::Html;
use super::subject::{Subject, decimals, score, table};
use crate::message::{grouped, sentence};
use crate::session::OUTLIER_NEIGHBORS;

/// So many are shown,
const N_SHOWN: usize = 10;
/// but no more than one in so many: most of a few are not odd.
const ONE_IN: usize = 5;

/// The section.
pub fn section(html: &mut Html, subject: &Subject<'_>) {
    html.element("section", &[("aria-labelledby", "alone")], |html| {
        html.leaf("h2", &[("id", "alone")], "What stands alone");
        let near = subject.found.neighborhood;
        let n_near = near.graph.k().min(OUTLIER_NEIGHBORS);
        if n_near == 0 {
            html.leaf("p", &[], "There is nothing to compare with.");
            return;
        }
        let n = near.graph.n();
        let n_shown = (n / ONE_IN).clamp(1, N_SHOWN);
        let (nearest, column): (String, String) = match n_near {
            1 => ("nearest".into(), "Cosine".into()),
            k => (format!("{k} nearest"), format!("Mean of {k} nearest")),
        };
        let text = format!(
            "{} of {}: what has the lowest mean cosine to its {nearest}.",
            grouped(n_shown),
            subject.count(n)
        );
        html.leaf("p", &[], &text);
        let title = sentence(subject.noun());
        let columns = [title.as_str(), "Where", "Nearest", &column];
        table(
            html,
            "What stands alone, the loneliest first",
            &columns,
            1,
            |html| {
                html.element("tbody", &[], |html| {
                    for item in near.loneliest().into_iter().take(n_shown) {
                        row(html, subject, item);
                    }
                });
            },
        );
    });
}

fn row(html: &mut Html, subject: &Subject<'_>, item: usize) {
    let near = subject.found.neighborhood;
    html.element("tr", &[], |html| {
        subject.cells(html, item);
        html.element("td", &[], |html| {
            if let Some(nearest) = near.graph.of(item).first() {
                html.quoted(&subject.items().title(nearest.item));
                html.text(&format!(" ({})", decimals(f64::from(nearest.cosine))));
            }
        });
        score(html, 1.0 - near.outlier_scores[item]);
    });
}

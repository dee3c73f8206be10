//! A section for each cluster: what it is called, how far to trust it, and who is in it.

use super::markup::Html;
use super::subject::{Subject, decimals, number, rest, score, table};
use crate::analysis::{Stability, silhouettes};
use crate::export::palette::{hex, label_color};
use crate::message::{count, grouped, sentence};
use crate::vectors::normalize;

/// Items that a list holds at most; the page says how many it leaves out.
const MAX_LISTED: usize = 1_000;

/// The section.
pub fn section(html: &mut Html, subject: &Subject<'_>) {
    let clusters = subject.found.clusters;
    let members = clusters.clustering.members();
    let silhouettes = cluster_silhouettes(subject);
    html.element("section", &[("aria-labelledby", "clusters")], |html| {
        html.leaf("h2", &[("id", "clusters")], "Clusters");
        html.leaf("p", &[], &lead(subject));
        for (cluster, members) in members.into_iter().enumerate() {
            let silhouette = silhouettes.get(cluster).copied();
            html.element(
                "article",
                &[("aria-labelledby", &anchor(Some(cluster)))],
                |html| {
                    heading(html, Some(cluster), &clusters.name(cluster));
                    facts(html, subject, cluster, silhouette);
                    list(html, subject, Some(cluster), members);
                },
            );
        }
        noise(html, subject);
    });
}

/// Where a link to a cluster leads.
pub fn anchor(label: Option<usize>) -> String {
    label.map_or("no-cluster".into(), |cluster| {
        format!("cluster-{}", cluster + 1)
    })
}

/// The dot of a cluster as on the map; hollow for what is in none. A picture, not a background, so
/// that it is printed.
pub fn dot(html: &mut Html, label: Option<usize>) {
    let color = hex(label_color(label));
    let (fill, stroke) = match label {
        Some(_) => (color.as_str(), "none"),
        None => ("none", color.as_str()),
    };
    let attributes = [
        ("class", "dot"),
        ("viewBox", "0 0 12 12"),
        ("aria-hidden", "true"),
    ];
    html.element("svg", &attributes, |html| {
        let circle = [
            ("cx", "6"),
            ("cy", "6"),
            ("r", "5"),
            ("fill", fill),
            ("stroke", stroke),
            ("stroke-width", "1.5"),
        ];
        html.element("circle", &circle, |_| {});
    });
}

fn heading(html: &mut Html, label: Option<usize>, name: &str) {
    html.element("h3", &[("id", &anchor(label))], |html| {
        dot(html, label);
        html.quoted(name);
    });
}

fn lead(subject: &Subject<'_>) -> String {
    let (n, clusters) = (subject.items().n(), subject.found.clusters);
    let n_clusters = clusters.clustering.n_clusters();
    let noise = match clusters.clustering.n_noise() {
        0 => String::new(),
        n => format!(" and {} in none", grouped(n)),
    };
    let mut told = vec![format!(
        "{} in {}{noise}. Each is named by the words that set it apart.",
        subject.count(n),
        count(n_clusters, "cluster")
    )];
    if n_clusters > 1 {
        told.push(
            "The silhouette, −1 to 1, tells how much nearer its members are to each other than \
             to the next cluster: near 0 clusters run into each other."
                .into(),
        );
    }
    if stability(subject).is_some() {
        told.push(format!(
            "Stability, 0 to 1, tells how much of a cluster is found again when it is looked for \
             in a part of the {}s.",
            subject.noun()
        ));
    }
    told.join(" ")
}

/// Mean silhouette of each cluster; none with fewer than two clusters, where it is not defined.
fn cluster_silhouettes(subject: &Subject<'_>) -> Vec<f64> {
    let clusters = subject.found.clusters;
    if clusters.sizes.len() < 2 {
        return Vec::new();
    }
    let values = silhouettes(subject.items().embeddings(), &clusters.clustering);
    let mut sums = vec![0.0; clusters.sizes.len()];
    for (label, value) in clusters.clustering.labels.iter().zip(values) {
        if let (Some(label), Some(value)) = (label, value) {
            sums[*label] += f64::from(value);
        }
    }
    let means = sums.iter().zip(&clusters.sizes);
    means
        .map(|(sum, size)| sum / (*size).max(1) as f64)
        .collect()
}

fn stability<'a>(subject: &Subject<'a>) -> Option<&'a Stability> {
    let found = subject.session.stability().map(AsRef::as_ref);
    found.filter(|found: &&Stability| found.n_runs > 0)
}

fn facts(html: &mut Html, subject: &Subject<'_>, cluster: usize, silhouette: Option<f64>) {
    let (n, clusters) = (subject.items().n(), subject.found.clusters);
    let size = clusters.sizes[cluster];
    html.element("dl", &[("class", "facts")], |html| {
        let share = size as f64 / n as f64 * 100.0;
        let text = format!("{}, {share:.0} %", subject.count(size));
        fact(html, "Size", |html| html.text(&text));
        if let Some(silhouette) = silhouette {
            let text = decimals(silhouette);
            fact(html, "Silhouette", |html| html.text(&text));
        }
        if let Some(stability) = stability(subject) {
            let share = stability.of_cluster[cluster];
            let text = format!("{share:.2}, {}", verdict(share));
            fact(html, "Stability", |html| html.text(&text));
        }
        if let Some(central) = clusters.central[cluster] {
            let title = subject.items().title(central);
            fact(html, "In the middle", |html| html.quoted(&title));
        }
    });
}

fn fact(html: &mut Html, name: &str, value: impl FnOnce(&mut Html)) {
    html.element("div", &[], |html| {
        html.leaf("dt", &[], name);
        html.element("dd", &[], value);
    });
}

/// What a stability means. The bounds are Hennig's, as in the window.
fn verdict(share: f32) -> &'static str {
    match share {
        0.75.. => "stable",
        0.6.. => "fairly stable",
        _ => "unstable: do not build on it",
    }
}

fn noise(html: &mut Html, subject: &Subject<'_>) {
    let labels = &subject.found.clusters.clustering.labels;
    let items: Vec<usize> = (0..labels.len())
        .filter(|item| labels[*item].is_none())
        .collect();
    if items.is_empty() {
        return;
    }
    html.element("article", &[("aria-labelledby", &anchor(None))], |html| {
        heading(html, None, "In no cluster");
        let text = format!(
            "{} not close enough to any cluster.",
            subject.count(items.len())
        );
        html.leaf("p", &[], &text);
        list(html, subject, None, items);
    });
}

/// The members of a cluster from its center outward, behind a fold; of noise in order.
fn list(html: &mut Html, subject: &Subject<'_>, label: Option<usize>, items: Vec<usize>) {
    let n = items.len();
    let unit = sentence(&format!("{}s", subject.unit()));
    let title = sentence(subject.noun());
    let mut columns = vec![title.as_str(), "Where", &unit];
    let caption = match label {
        Some(cluster) => {
            columns.push("Cosine to center");
            let name = subject.found.clusters.name(cluster);
            format!("{name}: {}, from the center outward", subject.count(n))
        }
        None => format!("In no cluster: {}", subject.count(n)),
    };
    let ranked = from_center(subject, label, items);
    html.element("details", &[], |html| {
        html.leaf("summary", &[], &format!("List of {}", subject.count(n)));
        rest(html, n.min(MAX_LISTED), n, &format!("{}s", subject.noun()));
        table(html, &caption, &columns, columns.len() - 2, |html| {
            html.element("tbody", &[], |html| {
                for (item, cosine) in ranked.into_iter().take(MAX_LISTED) {
                    html.element("tr", &[], |html| {
                        subject.cells(html, item);
                        number(html, &grouped(subject.items().n_tokens(item)));
                        if let Some(cosine) = cosine {
                            score(html, cosine);
                        }
                    });
                }
            });
        });
    });
}

/// Items with their cosine to the center of the cluster, the highest first, equal ones in order;
/// noise has no center.
fn from_center(
    subject: &Subject<'_>,
    label: Option<usize>,
    items: Vec<usize>,
) -> Vec<(usize, Option<f32>)> {
    let Some(cluster) = label else {
        return items.into_iter().map(|item| (item, None)).collect();
    };
    let embeddings = subject.items().embeddings();
    let mut center = subject
        .found
        .clusters
        .clustering
        .centers
        .row(cluster)
        .to_owned();
    normalize(center.view_mut());
    let cosine = |item: usize| embeddings.row(item).dot(&center);
    let mut ranked: Vec<(usize, f32)> = items.into_iter().map(|i| (i, cosine(i))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
        .into_iter()
        .map(|(item, cosine)| (item, Some(cosine)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stability_is_told_in_words() {
        assert_eq!(verdict(0.92), "stable");
        assert_eq!(verdict(0.7), "fairly stable");
        assert!(verdict(0.4).starts_with("unstable"));
    }

    #[test]
    fn noise_is_a_hollow_dot() {
        let drawn = |label| {
            let mut html = Html::default();
            dot(&mut html, label);
            html.finished()
        };
        assert!(drawn(Some(0)).contains("fill=\"#3090c0\" stroke=\"none\""));
        assert!(drawn(None).contains("fill=\"none\" stroke=\"#8c9196\""));
    }
}

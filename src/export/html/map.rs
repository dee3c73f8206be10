//! The map, its legend, and what it does not show.

use super::clusters::{anchor, dot};
use super::markup::Html;
use super::subject::Subject;
use crate::analysis::{MapQuality, ProjectionMethod};
use crate::export::layout::{HEIGHT, LEGEND, WIDTH};
use crate::export::palette::N_GROUP_COLORS;
use crate::export::svg;
use crate::message::{count, grouped};
use crate::session::{Clusters, DocumentMap, Poles};

/// Up to this many points have their titles as tooltips; with more a page would be slow to open.
const MAX_TITLES: usize = 5_000;

/// The section.
pub fn section(html: &mut Html, subject: &Subject<'_>) {
    let (map, clusters) = (&subject.found.map, subject.found.clusters);
    html.element("section", &[("aria-labelledby", "map")], |html| {
        html.leaf("h2", &[("id", "map")], "Map");
        html.element("div", &[("class", "map")], |html| {
            html.element("figure", &[], |html| {
                picture(html, subject);
                html.element("figcaption", &[], |html| html.quoted(&caption(map)));
            });
            html.element("div", &[("class", "key")], |html| legend(html, clusters));
        });
        html.leaf("p", &[], &tooltips(subject.items().n(), subject.noun()));
        html.leaf("h3", &[], "What the map does not show");
        html.element("ul", &[], |html| {
            for text in limits(subject) {
                html.leaf("li", &[], &text);
            }
        });
    });
}

fn picture(html: &mut Html, subject: &Subject<'_>) {
    let items = subject.items();
    let found = &subject.found;
    let (width, height) = (WIDTH - LEGEND, HEIGHT);
    let label = format!(
        "Map of {} in {}, by {}",
        subject.count(items.n()),
        count(found.clusters.clustering.n_clusters(), "cluster"),
        found.map.rule.name()
    );
    let view = format!("0 0 {width} {height}");
    let attributes = [
        ("role", "img"),
        ("aria-label", label.as_str()),
        ("viewBox", &view),
    ];
    let with_titles = items.n() <= MAX_TITLES;
    let dots = svg::dots(items, &found.map.projection, found.clusters, with_titles);
    html.element("svg", &attributes, |html| html.markup(&dots));
}

fn tooltips(n: usize, noun: &str) -> String {
    let what = format!("Each point is a {noun}, in the color of its cluster.");
    if n <= MAX_TITLES {
        return format!("{what} Rest the pointer on one to read its title.");
    }
    format!(
        "{what} There are {} points; above {} they have no titles, to keep this page quick.",
        grouped(n),
        grouped(MAX_TITLES)
    )
}

/// Colors, names and counts; clusters without a color of their own are counted together.
fn legend(html: &mut Html, clusters: &Clusters) {
    let sizes = &clusters.sizes;
    html.element("ul", &[("aria-label", "Clusters")], |html| {
        for (cluster, size) in sizes.iter().enumerate().take(N_GROUP_COLORS) {
            line(html, Some(cluster), *size, |html| {
                let link = format!("#{}", anchor(Some(cluster)));
                html.element("a", &[("href", &link)], |html| {
                    html.quoted(&clusters.name(cluster));
                });
            });
        }
        if let Some(others @ [_, ..]) = sizes.get(N_GROUP_COLORS..) {
            let name = format!("other ({})", count(others.len(), "cluster"));
            line(html, Some(N_GROUP_COLORS), others.iter().sum(), |html| {
                html.text(&name);
            });
        }
        let n_noise = clusters.clustering.n_noise();
        if n_noise > 0 {
            line(html, None, n_noise, |html| {
                let link = format!("#{}", anchor(None));
                html.leaf("a", &[("href", &link)], "in no cluster");
            });
        }
    });
}

fn line(html: &mut Html, label: Option<usize>, n: usize, name: impl FnOnce(&mut Html)) {
    html.element("li", &[], |html| {
        dot(html, label);
        html.element("span", &[("class", "name")], name);
        html.text(" ");
        html.leaf("span", &[("class", "number")], &grouped(n));
    });
}

/// What the axes are.
fn caption(map: &DocumentMap) -> String {
    let name = map.rule.name();
    match (&map.rule.axes, &map.projection.variance_shares[..]) {
        (Some(axes), _) => {
            let up = match &axes.up {
                Some(up) => between(up),
                None => "the first principal component".into(),
            };
            format!("{name} · across: {} · up: {up}", between(&axes.across))
        }
        (None, [first, second, ..]) => format!(
            "{name} · axis 1 holds {:.1} %, axis 2 {:.1} % of the total variance",
            first * 100.0,
            second * 100.0
        ),
        (None, _) => name.to_owned(),
    }
}

fn between(poles: &Poles) -> String {
    format!("{} ↔ {}", poles.from, poles.to)
}

/// What must not be read into it.
fn limits(subject: &Subject<'_>) -> Vec<String> {
    let map = &subject.found.map;
    let mut told = vec![distances(map).to_owned()];
    let quality = subject.session.quality().filter(|quality| quality.k > 0);
    told.extend(quality.map(|quality| lost(quality, subject.noun())));
    if map.projection.points.ncols() > 2 {
        told.push("The map has three axes; this picture shows the first two.".into());
    }
    let n_misfits = map.added.iter().filter(|added| added.is_misfit).count();
    if !map.added.is_empty() {
        told.push(format!(
            "{} came after the map was frozen and lie beside what is most like them; {} of these \
             fit nowhere on it.",
            subject.count(map.added.len()),
            grouped(n_misfits)
        ));
    }
    told.push(
        "It tells what texts are about, as far as the model can: not whether they are true, good \
         or new."
            .into(),
    );
    told
}

fn distances(map: &DocumentMap) -> &'static str {
    if map.rule.axes.is_some() {
        return "Each axis runs between two texts that somebody chose. How points differ in any \
                other way is not seen.";
    }
    match map.rule.projection.method {
        ProjectionMethod::Pca => {
            "Distances can be compared, but only along the two directions in which the texts \
             differ most: what lies close here may differ in all others. The directions have no \
             meaning of their own."
        }
        ProjectionMethod::Umap | ProjectionMethod::Tsne => {
            "Near points are alike. How far groups lie apart, how wide they are and on which side \
             they lie says little."
        }
    }
}

fn lost(quality: &MapQuality, noun: &str) -> String {
    format!(
        "Of the {} that are nearest to a {noun} in meaning, {:.0} % are among its {} nearest on \
         the map, on average. The others lie elsewhere: two axes cannot hold all neighbors.",
        quality.k,
        quality.neighbor_overlap * 100.0,
        quality.k
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Projection;
    use crate::session::{MapRule, SemanticAxes};
    use ndarray::Array2;

    #[test]
    fn it_says_when_points_have_no_titles() {
        assert!(tooltips(5_000, "document").ends_with("to read its title."));
        let told = tooltips(12_345, "document");
        assert!(told.contains("There are 12,345 points; above 5,000 they have no titles"));
    }

    fn map(rule: MapRule, variance_shares: Vec<f64>) -> DocumentMap {
        DocumentMap {
            projection: Projection {
                points: Array2::zeros((2, 2)),
                variance_shares,
            },
            rule,
            added: Vec::new(),
            components: None,
        }
    }

    #[test]
    fn the_caption_says_what_the_axes_are() {
        assert_eq!(
            caption(&map(MapRule::default(), vec![0.094, 0.0612])),
            "PCA · axis 1 holds 9.4 %, axis 2 6.1 % of the total variance"
        );
        let mut rule = MapRule::default();
        rule.projection.method = ProjectionMethod::Umap;
        assert_eq!(caption(&map(rule.clone(), Vec::new())), "UMAP");
        let across = Poles {
            from: "refund".into(),
            to: "praise".into(),
        };
        rule.axes = Some(SemanticAxes { across, up: None });
        assert_eq!(
            caption(&map(rule, Vec::new())),
            "Axes of meaning · across: refund ↔ praise · up: the first principal component"
        );
    }
}

//! How it was made, in words that need no manual: enough to judge it, and to make it again.

use std::sync::Arc;

use super::markup::Html;
use super::subject::{Subject, decimals};
use crate::analysis::{ClusterCount, ClusterMethod, ClusterRule, MapQuality, ProjectionMethod};
use crate::message::{count, grouped};
use crate::session::{DuplicateThreshold, Rule, Stage, Status};
use crate::vectors::{Pooling, Precision};

/// The section.
pub fn section(html: &mut Html, subject: &Subject<'_>) {
    let mut parts = vec![
        ("Text", text(subject)),
        ("Model", model(subject)),
        ("Map", map(subject)),
    ];
    parts.extend(quality(subject.session.quality()));
    parts.push(("Clusters", clusters(subject)));
    parts.push(("Duplicates", duplicates(subject)));
    parts.push(("Program", program()));
    html.element("section", &[("aria-labelledby", "method")], |html| {
        html.leaf("h2", &[("id", "method")], "How this was made");
        html.element("dl", &[("class", "method")], |html| {
            for (name, text) in parts {
                html.leaf("dt", &[], name);
                html.leaf("dd", &[], &text);
            }
        });
    });
}

fn text(subject: &Subject<'_>) -> String {
    let embedded = subject.items().embedded();
    let n = subject.count(subject.items().n());
    if subject.session.own_vectors().is_some() {
        return format!(
            "One vector came with each text, so nothing was split. Compared were {n}. Words are \
             counted in place of tokens, which only the model could count."
        );
    }
    let longest = subject.session.model().map(|model| model.max_text_tokens());
    let longest = longest.unwrap_or(embedded.tag.max_tokens);
    let mut told = vec![format!(
        "Documents are split at the ends of sentences into passages of at most {} tokens, which \
         is what the model reads at once, so that every token is read. A document's vector is the \
         sum of its passages' vectors, weighted by their tokens and scaled to length 1. Compared \
         were {n}.",
        grouped(longest)
    )];
    if let Some(found) = subject.session.boilerplate()
        && subject.session.settings.without_boilerplate
    {
        told.push(format!(
            "{} that stand in many documents were left out.",
            count(found.sentences.len(), "sentence")
        ));
    }
    told.join(" ")
}

fn model(subject: &Subject<'_>) -> String {
    let tag = &subject.items().embedded().tag;
    if subject.session.own_vectors().is_some() {
        return format!(
            "The vectors were made by another program and came as a file: {tag}. How likeness is \
             judged is up to whatever made them. Likeness of two texts is the cosine of their \
             vectors."
        );
    }
    let pooling = match tag.pooling {
        Pooling::Mean => "the mean of its tokens",
        Pooling::Cls => "that of its first token",
        Pooling::Max => "the largest of its tokens in each dimension",
    };
    let precision = match tag.precision {
        Precision::F32 => "32-bit floats throughout",
        Precision::Bf16 => "16-bit factors (bfloat16), summed in 32 bits",
    };
    format!(
        "{}, with {} dimensions; a text's vector is {pooling}. Computed in {precision}, on the \
         computer of whoever made this report. Weights and settings as one tag: {tag}. Likeness \
         of two texts is the cosine of their vectors: 1 for the same, near 0 for texts that have \
         nothing to do with each other.",
        tag.model_id, tag.dimension
    )
}

fn map(subject: &Subject<'_>) -> String {
    let rule = &subject.found.map.rule;
    let projection = &rule.projection;
    if rule.axes.is_some() {
        return "Each axis runs between two texts, named below the map; a point lies on it where \
                its vector does. Without a second pair, the other axis is the first principal \
                component."
            .into();
    }
    match projection.method {
        ProjectionMethod::Pca => {
            "PCA, the first principal components: the directions in which the vectors differ \
             most. There is no chance in it."
                .into()
        }
        ProjectionMethod::Umap => format!(
            "UMAP with {} neighbors and a minimal distance of {}, starting from the principal \
             components; seed {}.",
            projection.n_neighbors, projection.min_dist, projection.seed
        ),
        ProjectionMethod::Tsne => format!(
            "t-SNE with a perplexity of {}, starting from the principal components; seed {}.",
            projection.perplexity, projection.seed
        ),
    }
}

/// How true the map is to the vectors, one figure and its meaning each.
fn quality(quality: Option<&Arc<MapQuality>>) -> Vec<(&'static str, String)> {
    let Some(quality) = quality else {
        return vec![("Quality of the map", "Not measured.".into())];
    };
    let (k, n) = (quality.k, quality.of_item.len());
    if k == 0 {
        let told = "Not measured: there are too few points to speak of neighbors.";
        return vec![("Quality of the map", told.into())];
    }
    let measured = if quality.n_measured < n {
        let (at, all) = (grouped(quality.n_measured), grouped(n));
        format!(" Measured at {at} of {all} points.")
    } else {
        String::new()
    };
    let scale = format!("1 is best, and a map made at random has about 0.5.{measured}");
    let trust = format!(
        "{:.3}: whether the {k} points that lie nearest are near in meaning too. {scale}",
        quality.trustworthiness
    );
    let continuity = format!(
        "{:.3}: whether the {k} that are nearest in meaning lie near on the map too. {scale}",
        quality.continuity
    );
    let kept = format!(
        "{:.0} %: so many of the {k} nearest in meaning are among the {k} nearest on the map.",
        quality.neighbor_overlap * 100.0
    );
    vec![
        ("Trustworthiness", trust),
        ("Continuity", continuity),
        ("Neighbors kept", kept),
    ]
}

fn clusters(subject: &Subject<'_>) -> String {
    let found = subject.found.clusters;
    let n_clusters = found.clustering.n_clusters();
    let mut told = vec![match rule(subject) {
        Some(rule) => method(&rule, n_clusters, subject.items().n()),
        None => "By a rule that has been changed since.".into(),
    }];
    if n_clusters > 1 {
        told.push(format!("Mean silhouette {}.", decimals(found.silhouette)));
    }
    if let Some(stability) = subject.session.stability().filter(|found| found.n_runs > 0) {
        told.push(format!(
            "Stability is the mean overlap of a cluster with the most similar one of {} other \
             runs, each over a part of the {}s: above 0.75 a cluster is there, below 0.5 it is an \
             accident.",
            stability.n_runs,
            subject.noun()
        ));
    }
    told.push("Names are words that are frequent in a cluster and rare elsewhere.".into());
    told.join(" ")
}

/// The rule that made the clusters, which the settings may have left behind.
fn rule(subject: &Subject<'_>) -> Option<ClusterRule> {
    match subject.session.status(Stage::Clusters) {
        Status::Ready(key) => match key.rule {
            Rule::Cluster(_, rule) => Some(rule),
            _ => None,
        },
        _ => None,
    }
}

fn method(rule: &ClusterRule, n_clusters: usize, n_items: usize) -> String {
    let how_many = match rule.count {
        ClusterCount::Auto => format!(
            "Their number, {}, was chosen for the best silhouette",
            grouped(n_clusters)
        ),
        ClusterCount::Fixed(n) => format!("{} were asked for", grouped(n)),
    };
    match rule.method {
        ClusterMethod::KMeans => format!(
            "k-means: everything belongs to the cluster with the nearest center. {how_many}; seed \
             {}.",
            rule.seed
        ),
        ClusterMethod::Hierarchy => format!(
            "A tree (Ward) that joins the two nearest clusters again and again. {how_many}; seed \
             {}.",
            rule.seed
        ),
        ClusterMethod::Hdbscan(density) => format!(
            "HDBSCAN: where texts lie densely there is a cluster, of {} or more; what lies between \
             is in none.",
            grouped(density.cluster_size(n_items))
        ),
    }
}

fn duplicates(subject: &Subject<'_>) -> String {
    let found = subject.found.duplicates;
    let why = match (subject.session.settings.duplicates, found.suggested) {
        (DuplicateThreshold::Fixed(_), _) => "which was asked for",
        (DuplicateThreshold::Auto, Some(_)) => {
            "where the scores of copies part from those of others"
        }
        (DuplicateThreshold::Auto, None) => "as usual where the scores show no gap",
    };
    format!(
        "What has a cosine of {:.2} or more says the same, {why}. Groups are chains of such \
         pairs, so that the first of a group may be less like its last.",
        found.threshold
    )
}

fn program() -> String {
    format!(
        "Semascope {}. On one computer the same documents, model and settings give this page \
         again, byte for byte.",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{HdbscanRule, PointQuality};

    #[test]
    fn figures_of_the_map_say_what_they_mean_and_where_they_were_measured() {
        let point = PointQuality {
            false_neighbors: 4,
            missing_neighbors: 3,
            overlap: 0.7,
        };
        let measured = |k, n_measured| {
            Arc::new(MapQuality {
                trustworthiness: 0.934,
                continuity: 0.951,
                neighbor_overlap: 0.61,
                k,
                n_measured,
                of_item: vec![point; 3],
            })
        };
        let told = |k, n_measured| quality(Some(&measured(k, n_measured)));
        assert!(told(10, 3)[0].1.starts_with("0.934: whether the 10 points"));
        assert!(told(10, 3)[1].1.ends_with("has about 0.5."));
        assert!(told(10, 2)[1].1.ends_with("Measured at 2 of 3 points."));
        assert!(told(10, 3)[2].1.starts_with("61 %: so many"));
        assert!(told(0, 3)[0].1.contains("too few points"));
    }

    #[test]
    fn it_says_who_chose_the_number_of_clusters() {
        let told = |method_of, count| {
            let rule = ClusterRule {
                method: method_of,
                count,
                seed: 7,
            };
            method(&rule, 5, 400)
        };
        let by_itself = told(ClusterMethod::KMeans, ClusterCount::Auto);
        assert!(
            by_itself.ends_with("Their number, 5, was chosen for the best silhouette; seed 7.")
        );
        let asked = told(ClusterMethod::Hierarchy, ClusterCount::Fixed(5));
        assert!(asked.ends_with("5 were asked for; seed 7."));
        // Density finds the number, and without chance.
        let dense = told(
            ClusterMethod::Hdbscan(HdbscanRule::default()),
            ClusterCount::Auto,
        );
        assert!(dense.contains("a cluster, of 10 or more") && !dense.contains("seed"));
    }
}

//! What the map says about itself, in words a person can act on.

use crate::analysis::{MapQuality, PointQuality};
use crate::message::grouped;
use crate::session::{Added, DocumentMap, Poles};

/// A short text and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What stands there.
    pub text: String,
    /// What it means, for who asks.
    pub meaning: String,
}

/// How the map was made, and what must not be read into it.
pub fn caption(map: &DocumentMap, is_frozen: bool) -> String {
    let shares = &map.projection.variance_shares;
    let name = map.rule.name();
    let told = match (&map.rule.axes, &shares[..]) {
        (Some(axes), _) => {
            let up = match &axes.up {
                Some(up) => between(up),
                None => "the first principal component".into(),
            };
            format!("{name} · across: {} · up: {up}", between(&axes.across))
        }
        (None, [first, second, third]) => format!(
            "{name} · axis 1 holds {:.1} %, axis 2 {:.1} %, axis 3 {:.1} % of the total variance",
            first * 100.0,
            second * 100.0,
            third * 100.0
        ),
        (None, [first, second, ..]) => format!(
            "{name} · axis 1 holds {:.1} %, axis 2 {:.1} % of the total variance",
            first * 100.0,
            second * 100.0
        ),
        (None, _) if map.rule.is_pca() => name.to_owned(),
        (None, _) => format!(
            "{name} · near points are alike; how far groups lie apart, and how wide they are, says little"
        ),
    };
    if is_frozen { told + " · frozen" } else { told }
}

/// What is told of a search whose first finds are lit.
pub fn lit(n_lit: usize, n_found: usize) -> String {
    format!(
        "{} of {} found are lit: the nearest to what is searched for",
        grouped(n_lit),
        grouped(n_found)
    )
}

/// What a map says of which single points cannot be told apart.
pub fn density(n: usize) -> String {
    density_at_one_zoom(n) + ". Zoom in for single ones"
}

/// The same for a map that cannot be zoomed.
pub fn density_at_one_zoom(n: usize) -> String {
    format!(
        "{} points drawn as density: stronger where more lie, mixed where colors meet",
        grouped(n)
    )
}

fn between(poles: &Poles) -> String {
    format!("{} ↔ {}", poles.from, poles.to)
}

/// How many came after the map was frozen, and how many of them it says little about.
pub fn added(added: &[Added]) -> Option<String> {
    let n_misfits = added.iter().filter(|added| added.is_misfit).count();
    let n = grouped(added.len());
    match (added.len(), n_misfits) {
        (0, _) => None,
        (_, 0) => Some(format!("{n} added")),
        (_, 1) => Some(format!("{n} added, 1 does not fit this map")),
        (_, misfits) => Some(format!(
            "{n} added, {} do not fit this map",
            grouped(misfits)
        )),
    }
}

/// What is to be said of one of them.
pub fn added_item(added: &Added) -> String {
    let why = if added.is_misfit {
        "Came after the map was frozen, and does not fit it: nothing here is like it"
    } else {
        "Came after the map was frozen, and lies beside what is most like it"
    };
    format!("{why} (mean cosine {:.2})", added.fit)
}

/// The numbers of the map's quality, each with its meaning; empty where too few items are to be
/// measured.
pub fn quality(quality: &MapQuality) -> Vec<Told> {
    let (k, n) = (quality.k, quality.of_item.len());
    if k == 0 {
        return Vec::new();
    }
    let mut measured = String::new();
    if quality.n_measured < n {
        measured = format!(
            "\nMeasured at {} of {} points.",
            grouped(quality.n_measured),
            grouped(n)
        );
    }
    vec![
        Told {
            text: format!("trust {:.2}", quality.trustworthiness),
            meaning: format!(
                "Trustworthiness: whether the {k} points that lie nearest are near in meaning too. \
                 1 is best; a map made at random has about 0.5.{measured}"
            ),
        },
        Told {
            text: format!("continuity {:.2}", quality.continuity),
            meaning: format!(
                "Continuity: whether the {k} that are nearest in meaning lie near on the map too. \
                 1 is best; a map made at random has about 0.5.{measured}"
            ),
        },
        Told {
            text: format!(
                "{:.0} % of neighbors kept",
                quality.neighbor_overlap * 100.0
            ),
            meaning: format!(
                "Of the {k} nearest in meaning, this share is among the {k} nearest on the map, on \
                 average over all points. Two axes cannot hold all of them."
            ),
        },
    ]
}

/// What the map hides about one item.
pub fn hidden(point: PointQuality, k: usize) -> String {
    let missing = match point.missing_neighbors {
        0 => format!("All of its {k} nearest lie near"),
        1 => format!("1 of its {k} nearest is elsewhere"),
        n => format!("{n} of its {k} nearest are elsewhere"),
    };
    let false_ones = match point.false_neighbors {
        0 => "what lies near is near".into(),
        1 => "1 that lies near is not".into(),
        n => format!("{n} that lie near are not"),
    };
    format!("{missing}, {false_ones}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Projection;
    use crate::session::{MapRule, SemanticAxes};
    use ndarray::Array2;

    fn map(variance_shares: Vec<f64>, axes: Option<SemanticAxes>) -> DocumentMap {
        DocumentMap {
            projection: Projection {
                points: Array2::zeros((2, 2)),
                variance_shares,
            },
            rule: MapRule {
                axes,
                ..MapRule::default()
            },
            added: Vec::new(),
            components: None,
        }
    }

    fn poles(from: &str, to: &str) -> Poles {
        Poles {
            from: from.into(),
            to: to.into(),
        }
    }

    #[test]
    fn shares_of_the_variance_are_told_only_where_there_are_any() {
        assert_eq!(
            caption(&map(vec![0.094, 0.0612], None), true),
            "PCA · axis 1 holds 9.4 %, axis 2 6.1 % of the total variance · frozen"
        );
        assert_eq!(
            caption(&map(vec![0.094, 0.0612, 0.05], None), false),
            "PCA · axis 1 holds 9.4 %, axis 2 6.1 %, axis 3 5.0 % of the total variance"
        );
        assert_eq!(caption(&map(vec![0.5], None), false), "PCA");
        let axes = SemanticAxes {
            across: poles("refund", "praise"),
            up: None,
        };
        assert_eq!(
            caption(&map(Vec::new(), Some(axes)), false),
            "Axes of meaning · across: refund ↔ praise · up: the first principal component"
        );
    }

    #[test]
    fn it_is_told_how_many_are_lit() {
        let told = "20 of 1,240 found are lit: the nearest to what is searched for";
        assert_eq!(lit(20, 1_240), told);
    }

    #[test]
    fn density_is_not_silent() {
        assert_eq!(
            density(1_000_000),
            "1,000,000 points drawn as density: stronger where more lie, mixed where colors meet. \
             Zoom in for single ones"
        );
    }

    #[test]
    fn those_that_were_added_are_counted() {
        let list = |misfits: &[bool]| -> Vec<Added> {
            let one = |is_misfit: &bool| Added {
                item: 0,
                fit: 0.5,
                is_misfit: *is_misfit,
            };
            misfits.iter().map(one).collect()
        };
        let told = |misfits: &[bool]| added(&list(misfits));
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[false]).as_deref(), Some("1 added"));
        assert_eq!(
            told(&[true, false, false]).as_deref(),
            Some("3 added, 1 does not fit this map")
        );
        assert_eq!(
            told(&[true, true]).as_deref(),
            Some("2 added, 2 do not fit this map")
        );
    }

    #[test]
    fn a_sample_is_called_one() {
        let point = PointQuality {
            false_neighbors: 4,
            missing_neighbors: 3,
            overlap: 0.7,
        };
        let mut measured = MapQuality {
            trustworthiness: 0.934,
            continuity: 0.951,
            neighbor_overlap: 0.61,
            k: 10,
            n_measured: 3,
            of_item: vec![point; 3],
        };
        let texts: Vec<String> = quality(&measured)
            .into_iter()
            .map(|told| told.text)
            .collect();
        assert_eq!(
            texts,
            ["trust 0.93", "continuity 0.95", "61 % of neighbors kept"]
        );
        assert!(!quality(&measured)[0].meaning.contains("Measured"));
        measured.n_measured = 2;
        assert!(
            quality(&measured)[0]
                .meaning
                .ends_with("Measured at 2 of 3 points.")
        );
        measured.k = 0;
        assert!(quality(&measured).is_empty());
    }

    #[test]
    fn what_is_hidden_is_told_in_both_directions() {
        let told = |missing_neighbors, false_neighbors| {
            let point = PointQuality {
                false_neighbors,
                missing_neighbors,
                overlap: 0.5,
            };
            hidden(point, 10)
        };
        assert_eq!(
            told(3, 4),
            "3 of its 10 nearest are elsewhere, 4 that lie near are not"
        );
        assert_eq!(
            told(1, 1),
            "1 of its 10 nearest is elsewhere, 1 that lies near is not"
        );
        assert_eq!(
            told(0, 0),
            "All of its 10 nearest lie near, what lies near is near"
        );
    }
}

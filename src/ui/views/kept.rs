//! What of the views is kept with a workspace, beside what the session keeps.

use serde::{Deserialize, Serialize};

use super::Views;
use super::map::ColorBy;
use super::matrix::ScoreRange;
use crate::session::Column;

/// In words of its own, so that another version can leave out what it does not know.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// What colors the map.
    color_by: String,
    shows_contours: bool,
    /// The scores at the ends of the matrix's colors, if they were set.
    range: Option<(f32, f32)>,
    /// Columns that the table does not show.
    hidden: Vec<String>,
}

impl Views {
    /// What a workspace keeps of them.
    pub fn saved(&self) -> Option<serde_json::Value> {
        let hidden = self.table.hidden.iter().map(Column::key);
        let kept = Kept {
            color_by: self.map.strip.color_by.key(),
            shows_contours: self.map.strip.shows_contours,
            range: self.matrix.controls.range.map(ScoreRange::ends),
            hidden: hidden.collect(),
        };
        serde_json::to_value(kept).ok()
    }

    /// Views that begin as a workspace has them.
    pub fn restored(saved: Option<&serde_json::Value>) -> Self {
        let mut views = Self::default();
        let Some(kept) = saved.and_then(|saved| Kept::deserialize(saved).ok()) else {
            return views;
        };
        views.map.strip.color_by = ColorBy::from_key(&kept.color_by).unwrap_or_default();
        views.map.strip.shows_contours = kept.shows_contours;
        views.matrix.controls.range = kept.range.map(|(low, high)| ScoreRange::new(low, high));
        let hidden = kept.hidden.iter().filter_map(|key| Column::from_key(key));
        views.table.hidden = hidden.collect();
        views
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_come_back_as_they_were() {
        let mut views = Views::default();
        views.map.strip.shows_contours = true;
        views.matrix.controls.range = Some(ScoreRange::new(0.2, 0.7));
        views.table.hidden = [Column::Tags, Column::Field("author".into())].into();
        for color_by in [
            ColorBy::Cluster,
            ColorBy::Likeness,
            ColorBy::Difference,
            ColorBy::Trust,
            ColorBy::Column(Column::Folder),
            ColorBy::Column(Column::Field("likeness".into())),
            ColorBy::Column(Column::Saved("Search: harbor".into())),
        ] {
            views.map.strip.color_by = color_by.clone();
            let saved = views.saved();
            let again = Views::restored(saved.as_ref());
            assert_eq!(again.map.strip.color_by, color_by);
            assert_eq!(again.saved(), saved);
        }
    }

    #[test]
    fn what_is_not_known_gives_way_to_the_default() {
        let newer =
            serde_json::json!({"color_by": "mood", "range": [2.0, -4.0], "hidden": ["mood"]});
        let views = Views::restored(Some(&newer));
        assert_eq!(views.map.strip.color_by, ColorBy::Cluster);
        assert!(views.table.hidden.is_empty());
        let (low, high) = views.matrix.controls.range.unwrap().ends();
        assert!(-1.0 <= low && low < high && high <= 1.0);
        let none = Views::restored(Some(&serde_json::json!("no object")));
        assert_eq!(none.saved(), Views::default().saved());
    }
}

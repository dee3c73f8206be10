//! The picture of the part in view. One that takes longer than a frame is made in the background,
//! and until it is there the last one stays where it belongs.

use std::ops::Range;
use std::sync::Arc;

use egui::Context;

use super::Key;
use super::model::{MAX_CELLS, Region};
use super::paint::{Colored, Picture};
use crate::jobs::Jobs;
use crate::session::MatrixOrder;
use crate::ui::theme::Theme;

/// Cells that a frame has time to color.
const MAX_QUICK_CELLS: usize = 1 << 16;

/// What a picture shows.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    key: Key,
    is_dark: bool,
    rows: Range<usize>,
    columns: Range<usize>,
}

/// Pictures that are there, and the one that is being made.
#[derive(Default)]
pub struct Pictures {
    /// All of the matrix: lies below, so that nothing is blank on the way.
    whole: Option<(Wanted, Picture)>,
    part: Option<(Wanted, Picture)>,
    jobs: Option<Jobs<(), (Wanted, Colored)>>,
}

/// A copy colors everything anew: textures belong to one window.
impl Clone for Pictures {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Pictures {
    /// Whether a picture is on its way.
    pub fn is_working(&self) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| !jobs.is_idle())
    }

    /// Sees to a picture of a region, of a matrix that is known by `key`.
    pub fn update(
        &mut self,
        ctx: &Context,
        theme: Theme,
        (key, order): (Key, &Arc<MatrixOrder>),
        region: &Region,
    ) {
        let n = order.pyramid.n();
        let wanted = Wanted {
            key,
            is_dark: theme.is_dark,
            rows: region.rows(n),
            columns: region.columns(n),
        };
        let made = self.jobs.as_mut().map_or(Vec::new(), Jobs::poll);
        for (of, colored) in made {
            if of.key == key {
                self.put(of, Picture::new(ctx, &colored), n);
            }
        }
        for picture in [&mut self.whole, &mut self.part] {
            picture.take_if(|(of, _)| of.key != key);
        }
        if let Some((of, _)) = &self.whole
            && *of == wanted
        {
            self.part = None;
            return;
        }
        if self.part.as_ref().is_some_and(|(of, _)| *of == wanted) {
            return;
        }
        if is_quick(order, &wanted) || !self.started(ctx, theme, order, &wanted) {
            let colored = colored(theme, order, &wanted);
            self.put(wanted, Picture::new(ctx, &colored), n);
        }
    }

    /// The finest picture; none while the first is being made.
    pub fn shown(&self) -> Option<&Picture> {
        self.below_to_above().last()
    }

    /// All pictures, in the order in which they lie on each other.
    pub fn below_to_above(&self) -> impl Iterator<Item = &Picture> {
        let pictures = [&self.whole, &self.part].into_iter().flatten();
        pictures.map(|(_, picture)| picture)
    }

    fn put(&mut self, of: Wanted, picture: Picture, n: usize) {
        for other in [&mut self.whole, &mut self.part] {
            other.take_if(|(other, _)| other.is_dark != of.is_dark);
        }
        if of.rows == (0..n) && of.columns == (0..n) {
            self.whole = Some((of, picture));
            self.part = None;
        } else {
            self.part = Some((of, picture));
        }
    }

    /// Starts to make a picture, unless one is being made: that one is not stopped, or as long as one
    /// zooms none would ever be finished. False when it cannot be made in the background.
    fn started(
        &mut self,
        ctx: &Context,
        theme: Theme,
        order: &Arc<MatrixOrder>,
        wanted: &Wanted,
    ) -> bool {
        let jobs = self.jobs.get_or_insert_with(|| {
            let ctx = ctx.clone();
            Jobs::new(Arc::new(move || ctx.request_repaint()))
        });
        if !jobs.is_idle() {
            return true;
        }
        let (order, wanted) = (order.clone(), wanted.clone());
        let made = jobs.start((), "matrix picture", move |_| {
            let colored = colored(theme, &order, &wanted);
            (wanted, colored)
        });
        made.is_ok()
    }
}

fn colored(theme: Theme, order: &MatrixOrder, wanted: &Wanted) -> Colored {
    let (rows, columns) = (wanted.rows.clone(), wanted.columns.clone());
    Colored::new(theme, &order.pyramid.tile(rows, columns, MAX_CELLS))
}

/// Whether a frame has time for it.
fn is_quick(order: &MatrixOrder, wanted: &Wanted) -> bool {
    let side = |range: &Range<usize>| range.len().min(MAX_CELLS);
    let n_cells = side(&wanted.rows) * side(&wanted.columns);
    n_cells <= MAX_QUICK_CELLS && order.pyramid.is_quick(n_cells)
}

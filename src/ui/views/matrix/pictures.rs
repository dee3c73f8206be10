//! The pictures of the matrix: of all of it, and of the part in view. One that takes longer than a
//! frame is made in the background, and until it is there the last one stays where it belongs.
//!
//! While the view moves, a picture is made of more than is in view, and is kept as long as it is
//! sharp enough for the eye: a new one for every frame would take the processor from those who draw
//! the frames. Once the view is still, the finest picture is made.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use egui::Context;

use super::Key;
use super::model::{MAX_CELLS, Region};
use super::picture::{Brush, Colored, Picture};
use crate::jobs::Jobs;
use crate::session::MatrixOrder;

/// Cells that a frame has time to color.
const MAX_QUICK_CELLS: usize = 1 << 16;
/// Fewest cells along the view that are sharp enough while it moves.
const MIN_MOVING_CELLS: f32 = 192.0;
/// How long a view that moved no more counts as moving, in seconds.
const REST: f64 = 0.15;

/// What a picture shows.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    key: Key,
    rows: Range<usize>,
    columns: Range<usize>,
}

/// Pictures that are there, and the one that is being made.
#[derive(Default)]
pub struct Pictures {
    /// All of the matrix: lies below, so that nothing is blank on the way, and is the overview.
    whole: Option<(Wanted, Picture)>,
    part: Option<(Wanted, Picture)>,
    jobs: Option<Jobs<(), (Wanted, Colored)>>,
    /// What was in view last, and when that changed.
    seen: Option<(Region, f64)>,
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
        brush: Brush,
        (key, order): (Key, &Arc<MatrixOrder>),
        region: &Region,
    ) {
        let n = order.pyramid.n();
        self.take_in(ctx, key, n);
        for picture in [&mut self.whole, &mut self.part] {
            picture.take_if(|(of, _)| of.key != key);
            if let Some((_, picture)) = picture {
                picture.recolor(brush);
            }
        }
        let is_moving = self.is_moving(ctx, region);
        let whole = Wanted {
            key,
            rows: 0..n,
            columns: 0..n,
        };
        if serves(self.part.as_ref(), order, region, is_moving) {
            if self.whole.is_none() {
                self.make(ctx, brush, order, whole);
            }
            return;
        }
        if serves(self.whole.as_ref(), order, region, is_moving) {
            self.part = None;
            return;
        }
        let of = |range: Range<usize>| if is_moving { widened(&range, n) } else { range };
        let part = Wanted {
            key,
            rows: of(region.rows(n)),
            columns: of(region.columns(n)),
        };
        self.make(ctx, brush, order, part);
    }

    /// The picture that shows most of what is in view; none while the first is being made.
    pub fn shown(&self) -> Option<&Picture> {
        self.part
            .as_ref()
            .or(self.whole.as_ref())
            .map(|(_, picture)| picture)
    }

    /// The picture of all of the matrix.
    pub fn whole(&self) -> Option<&Picture> {
        self.whole.as_ref().map(|(_, picture)| picture)
    }

    /// The pictures that are needed to fill a region, in the order in which they lie on each other.
    pub fn below_to_above(&self, region: &Region, n: usize) -> impl Iterator<Item = &Picture> {
        let (rows, columns) = (region.rows(n), region.columns(n));
        let part = self.part.as_ref().map(|(_, picture)| picture);
        let is_full = part.is_some_and(|part| part.covers(&rows, &columns));
        let below = self.whole().filter(|_| !is_full);
        below.into_iter().chain(part)
    }

    fn take_in(&mut self, ctx: &Context, key: Key, n: usize) {
        let made = self.jobs.as_mut().map_or(Vec::new(), Jobs::poll);
        for (of, colored) in made {
            if of.key == key {
                self.put(of, Picture::new(ctx, colored), n);
            }
        }
    }

    fn put(&mut self, of: Wanted, picture: Picture, n: usize) {
        if of.rows == (0..n) && of.columns == (0..n) {
            self.whole = Some((of, picture));
        } else {
            self.part = Some((of, picture));
        }
    }

    /// Whether the view moved a short while ago. If so it is looked at again when it rests.
    fn is_moving(&mut self, ctx: &Context, region: &Region) -> bool {
        let now = ctx.input(|input| input.time);
        let since = match self.seen {
            Some((seen, since)) if seen == *region => since,
            Some(_) => now,
            None => f64::NEG_INFINITY,
        };
        self.seen = Some((*region, since));
        let is_moving = now - since < REST;
        if is_moving {
            ctx.request_repaint_after(Duration::from_secs_f64(REST));
        }
        is_moving
    }

    /// Makes a picture at once if it is a small one, or else in the background. One that is being made
    /// is not stopped, or as long as one zooms none would ever be finished.
    fn make(&mut self, ctx: &Context, brush: Brush, order: &Arc<MatrixOrder>, wanted: Wanted) {
        if is_quick(order, &wanted) || !self.started(ctx, brush, order, &wanted) {
            let picture = Picture::new(ctx, colored(brush, order, &wanted));
            self.put(wanted, picture, order.pyramid.n());
        }
    }

    /// False when it cannot be made in the background.
    fn started(
        &mut self,
        ctx: &Context,
        brush: Brush,
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
            let colored = colored(brush, &order, &wanted);
            (wanted, colored)
        });
        made.is_ok()
    }
}

fn colored(brush: Brush, order: &MatrixOrder, wanted: &Wanted) -> Colored {
    let (rows, columns) = (wanted.rows.clone(), wanted.columns.clone());
    Colored::new(brush, order.pyramid.tile(rows, columns, MAX_CELLS))
}

/// Whether a frame has time for it.
fn is_quick(order: &MatrixOrder, wanted: &Wanted) -> bool {
    let side = |range: &Range<usize>| range.len().min(MAX_CELLS);
    let n_cells = side(&wanted.rows) * side(&wanted.columns);
    n_cells <= MAX_QUICK_CELLS && order.pyramid.is_quick(n_cells)
}

/// Whether no other picture is needed for a region.
fn serves(
    picture: Option<&(Wanted, Picture)>,
    order: &MatrixOrder,
    region: &Region,
    is_moving: bool,
) -> bool {
    let n = order.pyramid.n();
    let (rows, columns) = (region.rows(n), region.columns(n));
    picture.is_some_and(|(_, picture)| {
        let is_finest = || picture.block() <= order.pyramid.block(&rows, &columns, MAX_CELLS);
        let is_sharp = || is_moving && region.span / picture.block() as f32 >= MIN_MOVING_CELLS;
        picture.covers(&rows, &columns) && (is_sharp() || is_finest())
    })
}

/// The rows or columns in view and some more on both sides, rounded so that they stay the same while
/// the view moves a little.
fn widened(range: &Range<usize>, n: usize) -> Range<usize> {
    let margin = range.len() / 8;
    let step = margin.max(1).next_power_of_two();
    let start = range.start.saturating_sub(margin) / step * step;
    let end = (range.end + margin).div_ceil(step) * step;
    start..end.min(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_for_a_moving_view_holds_what_comes_next() {
        let n = 10_000;
        for range in [0..1, 3..7, 0..900, 4_321..5_432, 9_000..10_000] {
            let wide = widened(&range, n);
            assert!(wide.start <= range.start && range.end <= wide.end && wide.end <= n);
            let margin = range.len() / 8;
            assert!(wide.start == 0 || range.start - wide.start >= margin);
            assert!(wide.end == n || wide.end - range.end >= margin);
            assert!(wide.len() <= 2 * range.len() + 2, "{range:?} {wide:?}");
        }
        // A row more or less is the same picture.
        assert_eq!(widened(&(4_330..5_430), n), widened(&(4_331..5_431), n));
    }
}

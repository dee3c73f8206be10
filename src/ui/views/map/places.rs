//! Where the points are drawn: where the map has them, on their way there, or turned.
//!
//! When the map becomes another of the same items, each point starts where it is on the screen and
//! ends where the new map has it, so that a person can follow it. The camera is that of the new map
//! from the first frame on: nothing jumps, because the start is told in its coordinates.

use std::sync::Arc;

use egui::Rect;
use ndarray::Array2;

use super::model::{self, Camera};
use super::orbit::{Ball, Orbit};
use crate::session::{DocumentMap, Level};
use crate::ui::memo::Memo;

/// How long points are on their way, in seconds.
const DURATION: f64 = 0.4;

/// What points are, and from where they are looked at.
pub struct Look<'a, K> {
    /// Changes with the map.
    pub key: K,
    /// The map.
    pub map: &'a Arc<DocumentMap>,
    /// What a point stands for: maps that differ in this have other points.
    pub items: (Level, Option<u64>),
    /// From which side a map of three axes is seen.
    pub orbit: Orbit,
    /// What is in view.
    pub camera: Camera,
    /// Where on the screen.
    pub rect: Rect,
    /// In seconds.
    pub now: f64,
    /// Whether points may move.
    pub may_move: bool,
}

/// Keeps the places from frame to frame. `K` changes with the map.
pub struct Places<K> {
    placed: Arc<Placed>,
    of: Option<Of<K>>,
    way: Option<Way>,
    ball: Memo<K, Ball>,
    bounds: Memo<K, Rect>,
}

/// A copy places everything anew, without a way from one map to the next.
impl<K> Clone for Places<K> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The places of one frame.
pub struct Placed {
    /// Changes whenever the places do.
    pub number: u64,
    /// How near each point of a map of three axes is to whoever looks, 0 to 1.
    pub nearness: Option<Vec<f32>>,
    /// Whether they are on their way, so that another frame is wanted at once.
    pub is_on_way: bool,
    shown: Shown,
}

/// What the places were made of.
struct Of<K> {
    key: K,
    items: (Level, Option<u64>),
    orbit: Option<Orbit>,
    camera: Camera,
    rect: Rect,
}

/// A million points are not copied where they are drawn as the map has them.
enum Shown {
    Map(Arc<DocumentMap>),
    Made(Array2<f32>),
}

/// A way to new places.
struct Way {
    /// Where it starts, in the coordinates of where it ends.
    from: Array2<f32>,
    /// When, in seconds.
    start: f64,
}

impl<K> Default for Places<K> {
    fn default() -> Self {
        Self {
            placed: Arc::new(Placed {
                number: 0,
                nearness: None,
                is_on_way: false,
                shown: Shown::Made(Array2::zeros((0, 2))),
            }),
            of: None,
            way: None,
            ball: Memo::default(),
            bounds: Memo::default(),
        }
    }
}

impl Placed {
    /// Shape `(n, 2)` or wider; the first two axes are drawn.
    pub fn points(&self) -> &Array2<f32> {
        match &self.shown {
            Shown::Map(map) => &map.projection.points,
            Shown::Made(points) => points,
        }
    }
}

impl<K: Copy + PartialEq> Places<K> {
    /// The places of this frame.
    pub fn update(&mut self, look: &Look<'_, K>) -> Arc<Placed> {
        let is_new_map = self.of.as_ref().is_none_or(|of| of.key != look.key);
        if is_new_map {
            self.way = self.way_to(look);
        }
        let is_solid = look.map.projection.points.ncols() > 2;
        let orbit = is_solid.then_some(look.orbit);
        let is_turned = self.of.as_ref().is_none_or(|of| of.orbit != orbit);
        if is_new_map || is_turned || self.way.is_some() {
            self.placed = Arc::new(self.placed(look, orbit));
        }
        self.of = Some(Of {
            key: look.key,
            items: look.items,
            orbit,
            camera: look.camera,
            rect: look.rect,
        });
        self.placed.clone()
    }

    /// All that is to be in view before a person moved the camera: whatever way the map is turned.
    pub fn bounds(&mut self, key: K, points: &Array2<f32>) -> Rect {
        if points.ncols() > 2 {
            self.ball.get(key, || Ball::around(points)).bounds()
        } else {
            *self.bounds.get(key, || model::bounds(points))
        }
    }

    /// From where the points are on the screen, if they are the same and not too many to move
    /// smoothly.
    fn way_to(&self, look: &Look<'_, K>) -> Option<Way> {
        let (before, shown) = (self.of.as_ref()?, self.placed.points());
        let n = look.map.projection.points.nrows();
        let is_same = before.items == look.items && shown.nrows() == n;
        if !(is_same && look.may_move && n <= model::FEW) {
            return None;
        }
        let from = shown.outer_iter().flat_map(|point| {
            let at = before
                .camera
                .screen_from_data(before.rect, point[0], point[1]);
            let at = look.camera.data_from_screen(look.rect, at);
            [at.x, at.y]
        });
        Some(Way {
            from: Array2::from_shape_vec((n, 2), from.collect()).expect("two numbers a point"),
            start: look.now,
        })
    }

    fn placed(&mut self, look: &Look<'_, K>, orbit: Option<Orbit>) -> Placed {
        let points = &look.map.projection.points;
        let turned = orbit.map(|orbit| {
            let ball = self.ball.get(look.key, || Ball::around(points));
            ball.seen(points, orbit)
        });
        let (turned, nearness) = turned.unzip();
        let share = self.way.as_ref().map_or(1.0, |way| eased(way, look.now));
        if share >= 1.0 || !look.may_move {
            self.way = None;
        }
        let to = turned.as_ref().unwrap_or(points);
        let on_way = self.way.as_ref().map(|way| between(&way.from, to, share));
        let shown = match on_way.or(turned) {
            Some(points) => Shown::Made(points),
            None => Shown::Map(look.map.clone()),
        };
        Placed {
            number: self.placed.number + 1,
            nearness,
            is_on_way: self.way.is_some(),
            shown,
        }
    }
}

/// Points that have gone a share of their way on the first two axes.
fn between(from: &Array2<f32>, to: &Array2<f32>, share: f32) -> Array2<f32> {
    let mut points = from.clone();
    for (mut point, to) in points.outer_iter_mut().zip(to.outer_iter()) {
        for axis in 0..2 {
            point[axis] += share * (to[axis] - point[axis]);
        }
    }
    points
}

/// Which share of the way is done: fast at first, then ever slower.
fn eased(way: &Way, now: f64) -> f32 {
    let passed = ((now - way.start) / DURATION).clamp(0.0, 1.0);
    (1.0 - (1.0 - passed).powi(3)) as f32
}

#[cfg(test)]
mod tests;

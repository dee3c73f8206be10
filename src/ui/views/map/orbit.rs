//! Maps of three axes: from which side they are seen, and where their points fall then.
//!
//! Seen from infinitely far away, so that distances across the screen can be compared; what is near
//! is told by size and color, see [`paint`](super::paint).

use std::f32::consts::{FRAC_PI_2, TAU};

use egui::{Rect, Vec2, pos2, vec2};
use ndarray::{Array2, ArrayView1};

/// Radians for each pixel of a drag: half the width of a window turns the map half around.
const PER_PIXEL: f32 = 0.008;
/// Radians for each press of a key.
pub const PER_KEY: f32 = TAU / 36.0;

/// From which side a map of three axes is seen, in radians. At zero the first axis points right, the
/// second up and the third at whoever looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Orbit {
    /// Around the upright axis.
    yaw: f32,
    /// Forward over the top, a quarter turn at most either way.
    pitch: f32,
}

impl Default for Orbit {
    /// A little from the right and from above: from the front three axes would look like two.
    fn default() -> Self {
        Self {
            yaw: -0.5,
            pitch: 0.35,
        }
    }
}

impl Orbit {
    /// Turns by a drag: what is near follows the mouse.
    pub fn drag(&mut self, pixels: Vec2) {
        self.turn(pixels * PER_PIXEL);
    }

    /// Turns by radians to the right and down.
    pub fn turn(&mut self, by: Vec2) {
        self.yaw = (self.yaw + by.x).rem_euclid(TAU);
        self.pitch = (self.pitch + by.y).clamp(-FRAC_PI_2, FRAC_PI_2);
    }

    /// Where a place falls: right, up, and toward whoever looks.
    pub fn turned(self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let ((yaw_sin, yaw_cos), (sin, cos)) = (self.yaw.sin_cos(), self.pitch.sin_cos());
        let (right, toward) = (x * yaw_cos + z * yaw_sin, z * yaw_cos - x * yaw_sin);
        [right, y * cos - toward * sin, y * sin + toward * cos]
    }
}

/// The ball that a map of three axes turns in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ball {
    center: [f32; 3],
    radius: f32,
}

impl Ball {
    /// Around all points, shape `(n, 3)`: its middle is that of their bounds, and stays where it is
    /// as the map turns.
    pub fn around(points: &Array2<f32>) -> Self {
        let center = std::array::from_fn(|axis| {
            let values = points.column(axis);
            let (low, high) = values
                .iter()
                .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| {
                    (low.min(*x), high.max(*x))
                });
            let middle = f32::midpoint(low, high);
            if middle.is_finite() { middle } else { 0.0 }
        });
        let square = |point: ArrayView1<'_, f32>| {
            let along = point.iter().zip(center);
            along.map(|(x, center)| (x - center).powi(2)).sum::<f32>()
        };
        let farthest = points.outer_iter().map(square).fold(0.0, f32::max);
        Self {
            center,
            radius: farthest.sqrt().max(1e-6),
        }
    }

    /// What can come into view however the map is turned, in turned coordinates.
    pub fn bounds(&self) -> Rect {
        Rect::from_center_size(pos2(0.0, 0.0), vec2(2.0, 2.0) * self.radius)
    }

    /// Where points of shape `(n, 3)` fall, shape `(n, 2)`, and how near each is, from 0 at the back of
    /// the ball to 1 at its front.
    pub fn seen(&self, points: &Array2<f32>, orbit: Orbit) -> (Array2<f32>, Vec<f32>) {
        let mut places = Array2::zeros((points.nrows(), 2));
        let mut nearness = Vec::with_capacity(points.nrows());
        for (mut place, point) in places.outer_iter_mut().zip(points.outer_iter()) {
            let from_center = std::array::from_fn(|axis| point[axis] - self.center[axis]);
            let [right, up, toward] = orbit.turned(from_center);
            (place[0], place[1]) = (right, up);
            nearness.push(0.5 + 0.5 * toward / self.radius);
        }
        (places, nearness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const FRONT: Orbit = Orbit {
        yaw: 0.0,
        pitch: 0.0,
    };

    #[track_caller]
    fn check(orbit: Orbit, place: [f32; 3], expected: [f32; 3]) {
        let found = orbit.turned(place);
        let is_near = found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(is_near, "{found:?}, not {expected:?}");
    }

    #[test]
    fn what_is_near_follows_the_mouse() {
        let near = [0.0, 0.0, 1.0];
        check(FRONT, near, near);
        let mut orbit = FRONT;
        orbit.turn(vec2(FRAC_PI_2, 0.0));
        check(orbit, near, [1.0, 0.0, 0.0]);
        let mut orbit = FRONT;
        orbit.turn(vec2(0.0, FRAC_PI_2));
        check(orbit, near, [0.0, -1.0, 0.0]);
        // No further than from right above.
        orbit.turn(vec2(0.0, 1.0));
        check(orbit, near, [0.0, -1.0, 0.0]);
    }

    #[test]
    fn turning_keeps_lengths_and_stays_in_the_ball() {
        let points = array![[1.0, 2.0, 3.0], [-4.0, 0.5, 9.0], [2.0, -7.0, 1.0]];
        let ball = Ball::around(&points);
        let mut orbit = Orbit::default();
        for _ in 0..50 {
            orbit.drag(vec2(23.0, -11.0));
            let (places, nearness) = ball.seen(&points, orbit);
            for (place, near) in places.outer_iter().zip(nearness) {
                assert!(
                    ball.bounds()
                        .expand(1e-3)
                        .contains(pos2(place[0], place[1]))
                );
                assert!((-1e-4..=1.0001).contains(&near));
            }
            let place = [0.3, -2.0, 1.1];
            let length = |v: [f32; 3]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
            assert!((length(orbit.turned(place)) - length(place)).abs() < 1e-4);
        }
    }

    #[test]
    fn a_map_of_nothing_or_of_one_place_has_a_ball() {
        for points in [Array2::zeros((0, 3)), Array2::from_elem((4, 3), 2.0)] {
            let ball = Ball::around(&points);
            assert!(ball.bounds().is_finite() && ball.bounds().is_positive());
            let (places, nearness) = ball.seen(&points, Orbit::default());
            assert!(places.iter().chain(&nearness).all(|x| x.is_finite()));
        }
    }
}

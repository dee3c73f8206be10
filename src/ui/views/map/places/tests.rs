use egui::{Pos2, Vec2, pos2, vec2};
use ndarray::array;

use super::*;
use crate::analysis::Projection;
use crate::session::MapRule;

const RECT: Rect = Rect {
    min: Pos2::ZERO,
    max: pos2(400.0, 300.0),
};

fn map(points: Array2<f32>) -> Arc<DocumentMap> {
    Arc::new(DocumentMap {
        projection: Projection {
            points,
            variance_shares: Vec::new(),
        },
        rule: MapRule::default(),
        added: Vec::new(),
        components: None,
    })
}

fn look(map: &Arc<DocumentMap>, number: u64, camera: Camera, now: f64) -> Look<'_, u64> {
    Look {
        key: number,
        map,
        items: (Level::Documents, Some(1)),
        orbit: Orbit::default(),
        camera,
        rect: RECT,
        now,
        may_move: true,
    }
}

fn camera(center: Vec2, scale: f32) -> Camera {
    Camera { center, scale }
}

fn on_screen(places: &Placed, camera: &Camera) -> Vec<Pos2> {
    let points = places.points();
    let at =
        |point: ndarray::ArrayView1<'_, f32>| camera.screen_from_data(RECT, point[0], point[1]);
    points.outer_iter().map(at).collect()
}

fn first() -> Arc<DocumentMap> {
    map(array![[0.1, 0.2], [-0.3, 0.1], [0.0, -0.4]])
}

fn second() -> Arc<DocumentMap> {
    map(array![[9.0, -2.0], [4.0, 7.0], [-3.0, 1.0]])
}

#[test]
fn points_start_where_they_were_and_end_where_the_new_map_has_them() {
    let (first, second) = (first(), second());
    let (near, far) = (camera(vec2(0.1, 0.0), 300.0), camera(vec2(3.0, 2.0), 20.0));
    let mut places = Places::default();
    let before = places.update(&look(&first, 1, near, 10.0));
    assert!(!before.is_on_way);
    let now = places.update(&look(&second, 2, far, 11.0));
    assert!(now.is_on_way);
    for (a, b) in on_screen(&before, &near).iter().zip(on_screen(&now, &far)) {
        assert!(a.distance(b) < 0.1, "{a:?} became {b:?}");
    }
    let to_go = |placed: &Placed| -> f32 {
        let way = placed.points() - &second.projection.points;
        way.mapv(f32::abs).sum()
    };
    let mut left = to_go(&now);
    for step in 1..8 {
        let now = places.update(&look(&second, 2, far, 11.0 + 0.05 * f64::from(step)));
        assert!(to_go(&now) < left);
        left = to_go(&now);
    }
    let end = places.update(&look(&second, 2, far, 11.5));
    assert!(!end.is_on_way);
    assert_eq!(end.points(), &second.projection.points);
}

#[test]
fn nothing_moves_where_motion_is_not_wanted_or_points_are_others() {
    let (first, second, eye) = (first(), second(), camera(Vec2::ZERO, 30.0));
    let is_at_once = |change: &dyn Fn(&mut Look<'_, u64>)| {
        let mut places = Places::default();
        places.update(&look(&first, 1, eye, 0.0));
        let mut look = look(&second, 2, eye, 1.0);
        change(&mut look);
        let placed = places.update(&look);
        !placed.is_on_way && placed.points() == second.projection.points
    };
    assert!(!is_at_once(&|_| ()));
    assert!(is_at_once(&|look| look.may_move = false));
    assert!(is_at_once(&|look| look.items = (Level::Passages, Some(1))));
    assert!(is_at_once(&|look| look.items = (Level::Documents, Some(2))));
    let many = map(Array2::zeros((model::FEW + 1, 2)));
    let mut places = Places::default();
    places.update(&look(&many, 1, eye, 0.0));
    assert!(!places.update(&look(&many, 2, eye, 1.0)).is_on_way);
}

#[test]
fn places_change_their_number_only_when_they_change() {
    let (flat, solid) = (first(), map(array![[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]]));
    let eye = camera(Vec2::ZERO, 30.0);
    let mut places = Places::default();
    let before = places.update(&look(&flat, 1, eye, 0.0));
    // A map of two axes is what it is, however one is turned to.
    let mut turned = look(&flat, 1, eye, 1.0);
    turned.orbit.turn(vec2(1.0, 0.0));
    let now = places.update(&turned);
    assert_eq!(now.number, before.number);
    assert!(now.nearness.is_none());

    let before = places.update(&look(&solid, 2, eye, 2.0));
    assert_eq!(before.nearness.as_ref().map(Vec::len), Some(2));
    let now = places.update(&look(&solid, 2, eye, 3.0));
    assert_eq!(now.number, before.number);
    let mut turned = look(&solid, 2, eye, 4.0);
    turned.orbit.turn(vec2(1.0, 0.0));
    let now = places.update(&turned);
    assert_ne!(now.number, before.number);
    assert_ne!(now.points(), before.points());
}

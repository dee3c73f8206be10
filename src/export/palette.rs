//! Colors of data, shared by the window and the exported pictures.

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// Colors of groups, in the order in which they are given out. The first twelve were found by a search
/// that maximizes the smallest difference (CIE 1976) between any two under normal vision and under
/// simulated protanopia, deuteranopia and tritanopia (Machado, Oliveira and Fernandes 2009): 19.9.
/// Ordered so that the first few are farthest apart. The seven after them were found by the same
/// search with those and the grey of "other" held: 14.6 from each other and from all before.
const GROUPS: [Rgb; 19] = [
    [48, 144, 192],
    [240, 128, 16],
    [128, 16, 240],
    [192, 192, 144],
    [128, 80, 64],
    [176, 16, 128],
    [240, 176, 208],
    [208, 16, 16],
    [176, 80, 240],
    [80, 224, 96],
    [192, 96, 128],
    [96, 144, 64],
    [128, 192, 240],
    [144, 32, 160],
    [160, 144, 112],
    [224, 48, 176],
    [48, 112, 0],
    [144, 144, 240],
    [128, 32, 192],
];

/// All groups beyond the palette share this one, and are called "other".
const OTHER: Rgb = [140, 145, 150];

/// Color of a group, the largest group first. From the twentieth on all are grey.
pub fn group_color(group: usize) -> Rgb {
    GROUPS.get(group).copied().unwrap_or(OTHER)
}

/// Color of an item by its cluster; noise has that of "other".
pub fn label_color(label: Option<usize>) -> Rgb {
    label.map_or(OTHER, group_color)
}

/// As markup has it: `#3090c0`.
pub fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Groups with a color of their own.
pub const N_GROUP_COLORS: usize = GROUPS.len();

/// Anchors of the sequential map on dark, low to high: viridis by Smith and van der Walt (CC0).
const ON_DARK: [Rgb; 9] = [
    [68, 1, 84],
    [71, 45, 123],
    [59, 82, 139],
    [44, 114, 142],
    [33, 145, 140],
    [40, 174, 128],
    [94, 201, 98],
    [173, 220, 48],
    [253, 231, 37],
];

/// Anchors of the sequential map on light, low to high: from the paper over teal to indigo, so that
/// what is far recedes there too.
const ON_LIGHT: [Rgb; 9] = [
    [246, 246, 242],
    [215, 233, 218],
    [168, 213, 196],
    [112, 188, 180],
    [66, 156, 165],
    [48, 121, 150],
    [50, 86, 132],
    [52, 52, 104],
    [40, 20, 66],
];

/// Color of a value between 0 and 1; values beyond take the color of the end. High values stand
/// out against a dark or a light background.
pub fn sequential_color(value: f32, on_dark: bool) -> Rgb {
    mixed(if on_dark { &ON_DARK } else { &ON_LIGHT }, value)
}

/// Anchors of the diverging maps, far below to far above. Blue and orange stay apart for the three
/// deficiencies of color vision; the middle is a grey that recedes without being lost on the paper.
const DIVERGING_ON_DARK: [Rgb; 5] = [
    [110, 180, 255],
    [88, 126, 172],
    [84, 86, 90],
    [176, 122, 76],
    [255, 168, 84],
];
const DIVERGING_ON_LIGHT: [Rgb; 5] = [
    [14, 72, 158],
    [104, 146, 198],
    [206, 206, 202],
    [212, 142, 84],
    [150, 68, 0],
];

/// Color of a difference between −1 and 1; 0 is a neutral grey, and the farther from it, the more a
/// color stands out against a dark or a light background. Values beyond take the color of the end.
pub fn diverging_color(difference: f32, on_dark: bool) -> Rgb {
    let anchors = if on_dark {
        &DIVERGING_ON_DARK
    } else {
        &DIVERGING_ON_LIGHT
    };
    mixed(anchors, f32::midpoint(difference, 1.0))
}

/// Between anchors that stand at equal steps from 0 to 1.
fn mixed(anchors: &[Rgb], value: f32) -> Rgb {
    let last = anchors.len() - 1;
    let at = value.clamp(0.0, 1.0) * last as f32;
    let low = (at as usize).min(last - 1);
    let part = at - low as f32;
    let mix = |i: usize| {
        let (a, b) = (f32::from(anchors[low][i]), f32::from(anchors[low + 1][i]));
        (a + (b - a) * part).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

/// Ends and middle of the map of contributions on dark: against, none, for. Orange and blue stay apart
/// for every kind of color vision, blue is that of the marks in a text, and the middle recedes.
const AGAINST_OR_FOR_ON_DARK: [Rgb; 3] = [[255, 158, 84], [42, 43, 45], [104, 168, 255]];

/// The same on light.
const AGAINST_OR_FOR_ON_LIGHT: [Rgb; 3] = [[176, 78, 8], [236, 236, 232], [30, 84, 190]];

/// Color of a contribution as a share of the largest, −1 to 1; values beyond take the color of the end,
/// and 0 is neutral.
pub fn contribution_color(value: f32, on_dark: bool) -> Rgb {
    let [below, zero, above] = if on_dark {
        AGAINST_OR_FOR_ON_DARK
    } else {
        AGAINST_OR_FOR_ON_LIGHT
    };
    let end = if value < 0.0 { below } else { above };
    let part = value.abs().min(1.0);
    let mix = |i: usize| {
        let (a, b) = (f32::from(zero[i]), f32::from(end[i]));
        (a + (b - a) * part).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    type Matrix = [[f32; 3]; 3];

    /// Full severity, from Machado et al. 2009, table 1, for linear RGB.
    const VISIONS: [Matrix; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    fn times(m: &Matrix, v: [f32; 3]) -> [f32; 3] {
        m.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    fn lab(color: Rgb, vision: &Matrix) -> [f32; 3] {
        let linear = color.map(|c| {
            let c = f32::from(c) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        let seen = times(vision, linear).map(|c| c.clamp(0.0, 1.0));
        let to_xyz = [
            [0.412_456_4, 0.357_576_1, 0.180_437_5],
            [0.212_672_9, 0.715_152_2, 0.072_175],
            [0.019_333_9, 0.119_192, 0.950_304_1],
        ];
        let [x, y, z] = times(&to_xyz, seen);
        let f = |t: f32| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let (x, y, z) = (f(x / 0.950_47), f(y), f(z / 1.088_83));
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// The smallest difference (CIE 1976) between any two, under a kind of vision.
    fn smallest(colors: &[Rgb], vision: &Matrix) -> f32 {
        let pairs = (0..colors.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let differences = pairs.map(|(i, j)| difference(colors[i], colors[j], vision));
        differences.fold(f32::INFINITY, f32::min)
    }

    fn difference(a: Rgb, b: Rgb, vision: &Matrix) -> f32 {
        let (a, b) = (lab(a, vision), lab(b, vision));
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f32>()
            .sqrt()
    }

    /// About 2.3 can just be seen side by side; dots lie apart and are small, so much more is asked.
    #[test]
    fn groups_stay_apart_for_every_kind_of_color_vision() {
        for vision in &VISIONS {
            let (few, all) = (smallest(&GROUPS[..12], vision), smallest(&GROUPS, vision));
            assert!(few > 19.0 && all > 14.0, "{few}, {all} under {vision:?}");
            let from_other = GROUPS[12..]
                .iter()
                .map(|color| difference(*color, OTHER, vision));
            assert!(from_other.fold(f32::INFINITY, f32::min) > 14.0);
        }
    }

    /// A palette that is known to fail does.
    #[test]
    fn red_and_green_of_one_lightness_do_not_stay_apart() {
        let pair = [[214, 39, 40], [120, 98, 20]];
        assert!(smallest(&pair, &VISIONS[0]) > 60.0);
        assert!(smallest(&pair, &VISIONS[2]) < 19.0);
    }

    #[test]
    fn differences_grow_from_a_neutral_middle_to_ends_that_all_can_tell() {
        for on_dark in [true, false] {
            let at = |step: i8| diverging_color(f32::from(step) / 50.0, on_dark);
            let [_, a, b] = lab(at(0), &VISIONS[0]);
            assert!(a.hypot(b) < 4.0, "{a}, {b}");
            let contrast = |step: i8| {
                let lightness = lab(at(step), &VISIONS[0])[0];
                if on_dark { lightness } else { -lightness }
            };
            for step in 0..50 {
                assert!(contrast(step + 1) > contrast(step), "{step}");
                assert!(contrast(-step - 1) > contrast(-step), "{step}");
            }
            for vision in &VISIONS {
                assert!(difference(at(-50), at(50), vision) > 60.0, "{vision:?}");
            }
        }
        assert_eq!(diverging_color(-7.0, true), DIVERGING_ON_DARK[0]);
    }

    #[test]
    fn the_sequential_maps_grow_away_from_their_background() {
        let lightness =
            |i: u8, on_dark| lab(sequential_color(f32::from(i) / 100.0, on_dark), &VISIONS[0])[0];
        assert!((1..=100).all(|i| lightness(i, true) > lightness(i - 1, true)));
        assert!((1..=100).all(|i| lightness(i, false) < lightness(i - 1, false)));
    }

    #[test]
    fn contributions_for_and_against_are_parted_and_none_is_neutral() {
        let distance = |a: [f32; 3], b: [f32; 3]| {
            let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
            squares.sum::<f32>().sqrt()
        };
        for on_dark in [false, true] {
            let [_, a, b] = lab(contribution_color(0.0, on_dark), &VISIONS[0]);
            assert!(a.abs() < 4.0 && b.abs() < 4.0);
            for vision in &VISIONS {
                let seen = |value| lab(contribution_color(value, on_dark), vision);
                assert!(distance(seen(-1.0), seen(1.0)) > 60.0);
                assert!(distance(seen(-0.5), seen(0.5)) > 25.0);
                for sign in [-1.0, 1.0] {
                    let from_none = |value: f32| distance(seen(sign * value), seen(0.0));
                    // More is farther, but for the rounding of colors.
                    let grows = (1..=5).map(|i| from_none(i as f32 / 5.0));
                    let grows: Vec<f32> = grows.collect();
                    assert!(grows.is_sorted(), "{on_dark} {sign} {grows:?}");
                }
            }
        }
        assert_eq!(contribution_color(9.0, true), contribution_color(1.0, true));
    }

    #[test]
    fn no_group_is_without_a_color() {
        assert_ne!(group_color(18), OTHER);
        assert_eq!(group_color(19), OTHER);
        assert_eq!(group_color(9999), OTHER);
    }
}

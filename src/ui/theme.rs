//! Every color, size and font of the window. No other file names a color.

use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke,
    Style, TextStyle, Theme as Mode, ThemePreference, Visuals, vec2,
};

use crate::export::{
    Rgb, contribution_color, diverging_color, group_color, label_color, sequential_color,
};
use crate::workspace::{Mode as Preferred, Preferences};

/// Heading inside a panel: small, spaced capitals.
pub const SMALL: f32 = 11.0;
/// Secondary text.
pub const SECONDARY: f32 = 12.0;
/// Text of controls.
pub const BODY: f32 = 13.0;
/// Text to read at length, and the height of its lines.
pub const READING: (f32, f32) = (15.0, 22.0);
/// Titles.
pub const TITLE: f32 = 16.0;
/// Headline of an empty view.
pub const HEADLINE: f32 = 20.0;
/// Height of a row in a list.
pub const ROW: f32 = 24.0;
/// Height of the bar that tabs stand in.
pub const TAB_BAR: f32 = 32.0;
/// Widest column of reading text.
pub const MAX_TEXT_WIDTH: f32 = 560.0;

const SEMIBOLD: &str = "semibold";

/// The colors of one mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    /// Whether this is the dark one.
    pub is_dark: bool,
    /// Behind documents and pictures.
    pub paper: Color32,
    /// Behind controls.
    pub panel: Color32,
    /// Text.
    pub ink: Color32,
    /// Text that matters less.
    pub secondary: Color32,
    /// Lines between things.
    pub hairline: Color32,
    /// Focus, selection and the main button.
    pub accent: Color32,
    /// Text on the accent color.
    pub on_accent: Color32,
    /// Something fell short.
    pub warning: Color32,
    /// Something failed.
    pub error: Color32,
}

#[expect(
    clippy::unreadable_literal,
    reason = "colors, as they are written everywhere"
)]
const LIGHT: Theme = Theme {
    is_dark: false,
    paper: rgb(0xFAFAF8),
    panel: rgb(0xF2F2EF),
    ink: rgb(0x1C1E21),
    secondary: rgb(0x5F6368),
    hairline: rgb(0xDDDDD8),
    accent: rgb(0x3767E0),
    on_accent: rgb(0xFFFFFF),
    warning: rgb(0x8A5A00),
    error: rgb(0xB3261E),
};

#[expect(
    clippy::unreadable_literal,
    reason = "colors, as they are written everywhere"
)]
const DARK: Theme = Theme {
    is_dark: true,
    paper: rgb(0x15171B),
    panel: rgb(0x1C1F24),
    ink: rgb(0xE8E8E6),
    secondary: rgb(0x9AA0A6),
    hairline: rgb(0x2C3036),
    accent: rgb(0x7AA2FF),
    on_accent: rgb(0x10131A),
    warning: rgb(0xE3B341),
    error: rgb(0xFF8A80),
};

#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that names colors"
)]
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Theme {
    /// The colors of the mode that is on.
    pub fn of(ctx: &egui::Context) -> Self {
        match ctx.theme() {
            Mode::Dark => DARK,
            Mode::Light => LIGHT,
        }
    }

    /// Color of a score between 0 and 1 within its range. Near is the end that stands out against
    /// the paper: bright on dark, dark on light.
    pub fn score(&self, value: f32) -> Color32 {
        color(sequential_color(value, self.is_dark))
    }

    /// Color of a contribution as a share of the largest, −1 to 1; none at all is neutral.
    pub fn contribution(&self, value: f32) -> Color32 {
        color(contribution_color(value, self.is_dark))
    }

    /// Color of a point by the share of its neighbors that the map hides, 0 to 1: the more it hides,
    /// the more the point stands out. Nothing hidden is pale but can be seen.
    pub fn hidden(&self, share: f32) -> Color32 {
        self.score(0.2 + 0.8 * share.clamp(0.0, 1.0))
    }

    /// Color of a difference between −1 and 1 within its range; none is a neutral grey.
    pub fn difference(&self, value: f32) -> Color32 {
        color(diverging_color(value, self.is_dark))
    }

    /// Color of a point by how near it is to whoever looks: 0, the farthest, recedes into the paper.
    pub fn at_depth(&self, color: Color32, nearness: f32) -> Color32 {
        self.paper
            .lerp_to_gamma(color, 0.4 + 0.6 * nearness.clamp(0.0, 1.0))
    }

    /// Color of a point that was not found, while those that were are lit.
    pub fn unlit(&self, color: Color32) -> Color32 {
        self.aside().lerp_to_gamma(color, 0.25)
    }

    /// Color of a point that stays behind: one that a filter leaves out, or that is not chosen.
    pub fn aside(&self) -> Color32 {
        self.paper.lerp_to_gamma(self.secondary, 0.28)
    }

    /// Background of a sentence that matches another, stronger for stronger matches (0 to 1).
    pub fn mark(&self, strength: f32) -> Color32 {
        self.accent
            .gamma_multiply(0.10 + 0.28 * strength.clamp(0.0, 1.0))
    }

    /// Behind the row that is selected, or under the mouse.
    pub fn row_fill(&self, selected: bool, hovered: bool) -> Color32 {
        match (selected, hovered) {
            (true, _) => self.accent.gamma_multiply(0.22),
            (false, true) => self.ink.gamma_multiply(0.06),
            (false, false) => Color32::TRANSPARENT,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that names colors"
)]
fn color([r, g, b]: Rgb) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Color of a cluster, the same in both modes.
pub fn group(group: usize) -> Color32 {
    color(group_color(group))
}

/// Color of an item by its cluster; noise has that of "other".
pub fn label(label: Option<usize>) -> Color32 {
    color(label_color(label))
}

/// The heavier weight of the one typeface.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// The regular weight.
pub fn regular(size: f32) -> FontId {
    FontId::proportional(size)
}

/// Installs fonts, sizes, spacing and both modes; the mode follows the system until the user says
/// otherwise.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    for (mode, theme) in [(Mode::Light, LIGHT), (Mode::Dark, DARK)] {
        ctx.style_mut_of(mode, |style| apply(style, theme));
    }
}

/// Draws the window as a person wants it.
pub fn prefer(ctx: &egui::Context, preferences: Preferences) {
    ctx.set_theme(match preferences.mode {
        Preferred::System => ThemePreference::System,
        Preferred::Light => ThemePreference::Light,
        Preferred::Dark => ThemePreference::Dark,
    });
    ctx.set_zoom_factor(preferences.scale.factor());
    // The keys for it are among the actions, so that it is remembered.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.all_styles_mut(|style| {
        style.animation_time = if preferences.reduces_motion {
            0.0
        } else {
            0.15
        };
    });
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let inter = [
        (
            "Inter",
            &include_bytes!("../../assets/fonts/Inter-Regular.otf")[..],
        ),
        (
            "Inter SemiBold",
            &include_bytes!("../../assets/fonts/Inter-SemiBold.otf")[..],
        ),
    ];
    for (name, bytes) in inter {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    // The default fonts stay behind as fallback for symbols and emoji.
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let with_fallback = |name: &str| {
        [name.to_owned()]
            .into_iter()
            .chain(fallback.clone())
            .collect::<Vec<_>>()
    };
    fonts
        .families
        .insert(FontFamily::Proportional, with_fallback("Inter"));
    fonts.families.insert(
        FontFamily::Name(SEMIBOLD.into()),
        with_fallback("Inter SemiBold"),
    );
    fonts
}

fn apply(style: &mut Style, theme: Theme) {
    style.text_styles = [
        (TextStyle::Small, regular(SMALL)),
        (TextStyle::Body, regular(BODY)),
        (TextStyle::Button, regular(BODY)),
        (TextStyle::Heading, semibold(TITLE)),
        (TextStyle::Monospace, FontId::monospace(SECONDARY)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 4.0);
    spacing.button_padding = vec2(8.0, 4.0);
    spacing.interact_size.y = ROW;
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(8);
    spacing.tooltip_width = 360.0;
    style.animation_time = 0.15;
    style.visuals = visuals(theme);
}

fn visuals(theme: Theme) -> Visuals {
    let mut visuals = if theme.is_dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    visuals.panel_fill = theme.panel;
    visuals.window_fill = theme.panel;
    visuals.window_stroke = Stroke::new(1.0, theme.hairline);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.extreme_bg_color = theme.paper;
    visuals.faint_bg_color = theme.ink.gamma_multiply(0.03);
    visuals.weak_text_color = Some(theme.secondary);
    visuals.hyperlink_color = theme.accent;
    visuals.warn_fg_color = theme.warning;
    visuals.error_fg_color = theme.error;
    visuals.selection.bg_fill = theme.accent.gamma_multiply(0.28);
    visuals.selection.stroke = Stroke::new(1.0, theme.ink);
    let shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(if theme.is_dark { 110 } else { 40 }),
    };
    visuals.popup_shadow = shadow;
    visuals.window_shadow = shadow;

    let widgets = &mut visuals.widgets;
    let states = [
        (&mut widgets.noninteractive, theme.panel, theme.hairline),
        (
            &mut widgets.inactive,
            theme.ink.gamma_multiply(0.06),
            Color32::TRANSPARENT,
        ),
        (
            &mut widgets.hovered,
            theme.ink.gamma_multiply(0.11),
            theme.hairline,
        ),
        (
            &mut widgets.active,
            theme.ink.gamma_multiply(0.16),
            theme.accent,
        ),
        (
            &mut widgets.open,
            theme.ink.gamma_multiply(0.11),
            theme.hairline,
        ),
    ];
    for (widget, fill, line) in states {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
        widget.fg_stroke = Stroke::new(1.0, theme.ink);
        widget.corner_radius = CornerRadius::same(6);
        widget.expansion = 0.0;
    }
    visuals
}

/// What a frame begins with: the paper.
pub fn ground(visuals: &egui::Visuals) -> [f32; 4] {
    visuals.extreme_bg_color.to_normalized_gamma_f32()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color32) -> f32 {
        let linear = egui::Rgba::from(color);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }

    /// WCAG 2.1.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn all_text_has_enough_contrast() {
        for theme in [LIGHT, DARK] {
            for text in [theme.ink, theme.secondary, theme.warning, theme.error] {
                for background in [theme.paper, theme.panel] {
                    assert!(
                        contrast(text, background) >= 4.5,
                        "{text:?} on {background:?}"
                    );
                }
            }
            assert!(contrast(theme.on_accent, theme.accent) >= 4.5);
        }
    }

    #[test]
    fn near_stands_out_against_the_paper() {
        for theme in [LIGHT, DARK] {
            assert!(
                contrast(theme.score(1.0), theme.paper) > contrast(theme.score(0.0), theme.paper)
            );
            // A point that hides nothing is still to be seen.
            assert!(contrast(theme.hidden(0.0), theme.paper) > 1.2);
        }
    }
}

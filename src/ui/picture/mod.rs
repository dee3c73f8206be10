//! A view as a file: drawn once more, off the screen, at any number of pixels, with a title and what
//! the colors mean.

mod raster;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use egui::{CentralPanel, ColorImage, Context, Frame, Margin, Panel, RawInput, Rect, RichText};
use egui::{Ui, Vec2, vec2};
use egui_system_font_provider::SystemFontProvider;

use super::context::ViewCtx;
use super::panels::key_ui;
use super::theme::{self, Theme};
use super::views::{View, Views};
use super::widgets;
use crate::message::{count, grouped};
use crate::session::{Level, Session};
use crate::workspace::{Mode, Preferences};
use raster::{Textures, raster};

/// Most frames until a view has settled, beside those that wait for what it makes in the background.
const MAX_FRAMES: usize = 100;
/// After a frame that waits.
const PAUSE: Duration = Duration::from_millis(30);
const KEY_WIDTH: f32 = 240.0;
const HEAD_HEIGHT: f32 = 40.0;

/// What is drawn, and how.
pub struct Picture {
    /// What there is to show; a copy shares all results.
    pub session: Session,
    /// The views as they stand.
    pub views: Views,
    /// Which of them.
    pub view: View,
    /// How large the view is on the screen, in points.
    pub size: Vec2,
    /// Pixels for each point, 1 to 4.
    pub scale: u8,
    /// Whether it is drawn dark.
    pub is_dark: bool,
    /// What the workspace is called.
    pub name: Option<String>,
}

fn has_key(session: &Session, view: View) -> bool {
    view == View::Map && session.clusters().is_some()
}

/// The size of a picture in points, whose view has `size` itself.
pub fn size(session: &Session, view: View, size: Vec2) -> Vec2 {
    let key = if has_key(session, view) {
        KEY_WIDTH
    } else {
        0.0
    };
    size + vec2(key, HEAD_HEIGHT)
}

impl Picture {
    /// Draws it. Takes about a second for a view that fills a screen at scale 4; meant for the
    /// background.
    pub fn drawn(mut self) -> ColorImage {
        let ctx = Context::default();
        theme::install(&ctx);
        ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
        let mode = if self.is_dark {
            Mode::Dark
        } else {
            Mode::Light
        };
        let preferences = Preferences {
            mode,
            reduces_motion: true,
            ..Preferences::default()
        };
        theme::prefer(&ctx, preferences);
        let has_key = has_key(&self.session, self.view);
        let size = size(&self.session, self.view, self.size);
        let pixels_per_point = f32::from(self.scale);
        let mut textures = Textures::default();
        let mut frame = 0;
        loop {
            let mut input = RawInput {
                screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, size)),
                time: Some(frame as f64),
                ..RawInput::default()
            };
            if let Some(viewport) = input.viewports.get_mut(&egui::ViewportId::ROOT) {
                viewport.native_pixels_per_point = Some(pixels_per_point);
            }
            let mut output = ctx.run_ui(input, |ui| self.ui(ui, preferences, has_key));
            let freed = std::mem::take(&mut output.textures_delta.free);
            textures.update(&mut output.textures_delta);
            let is_waiting = self.views.is_working();
            let is_settled = frame >= MAX_FRAMES || !ctx.has_requested_repaint();
            // The first frame measures what the second lays out.
            if !is_waiting && is_settled && frame > 2 {
                let pixels = (size * pixels_per_point).round();
                let primitives = ctx.tessellate(output.shapes, pixels_per_point);
                return raster(
                    [pixels.x as usize, pixels.y as usize],
                    pixels_per_point,
                    Theme::of(&ctx).paper,
                    &primitives,
                    &textures,
                );
            }
            textures.free(freed);
            if is_waiting {
                thread::sleep(PAUSE);
            }
            frame += 1;
        }
    }

    fn ui(&mut self, ui: &mut Ui, preferences: Preferences, has_key: bool) {
        let theme = Theme::of(ui.ctx());
        let head = Frame::new()
            .fill(theme.paper)
            .inner_margin(Margin::symmetric(16, 8));
        Panel::top("title")
            .frame(head)
            .exact_size(HEAD_HEIGHT)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    let title = self.name.as_deref().unwrap_or("Semascope");
                    let title = format!("{title} · {}", self.view.name());
                    ui.label(RichText::new(title).font(theme::semibold(theme::TITLE)));
                    widgets::hint(ui, theme, &told(&self.session));
                });
            });
        if has_key && let Some(clusters) = self.session.clusters() {
            let key = Frame::new()
                .fill(theme.paper)
                .inner_margin(Margin::symmetric(16, 8));
            Panel::right("key")
                .frame(key)
                .exact_size(KEY_WIDTH)
                .show(ui, |ui| key_ui(ui, theme, clusters));
        }
        // What the views ask for is for the window; here nobody answers.
        let mut commands = Vec::new();
        let mut ctx = ViewCtx {
            session: &self.session,
            commands: &mut commands,
            theme,
            preferences,
            front: self.view,
        };
        let paper = Frame::new().fill(theme.paper);
        CentralPanel::default().frame(paper).show(ui, |ui| {
            self.views.ui(ui, &mut ctx, self.view);
        });
    }
}

/// What the picture is of, in a line.
fn told(session: &Session) -> String {
    let Some(items) = session.items() else {
        return String::new();
    };
    let n = match items.level() {
        Level::Documents => count(items.n(), "document"),
        Level::Passages => count(items.n(), "passage"),
    };
    let shown = session.rows().map_or(items.n(), |rows| rows.order.len());
    if shown < items.n() {
        format!("{} of {n}", grouped(shown))
    } else {
        n
    }
}

/// A PNG of it.
pub fn png(image: &ColorImage) -> Vec<u8> {
    let bytes: Vec<u8> = image
        .pixels
        .iter()
        .flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()])
        .collect();
    crate::export::png(image.size[0], image.size[1], &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(scale: u8, is_dark: bool) -> ColorImage {
        Picture {
            session: Session::default(),
            views: Views::default(),
            view: View::Map,
            size: vec2(400.0, 200.0),
            scale,
            is_dark,
            name: Some("Tides".into()),
        }
        .drawn()
    }

    #[test]
    fn it_shows_the_same_in_more_pixels() {
        let (small, large) = (picture(1, false), picture(2, false));
        assert_eq!(small.size, [400, 240]);
        assert_eq!(large.size, [800, 480]);
        let light = |image: &ColorImage, x: usize, y: usize| {
            f32::from(image.pixels[y * image.size[0] + x].g())
        };
        let mut sum = 0.0;
        for (y, x) in (0..240).flat_map(|y| (0..400).map(move |x| (y, x))) {
            let parts = [(0, 0), (1, 0), (0, 1), (1, 1)];
            let block = parts.map(|(dx, dy)| light(&large, 2 * x + dx, 2 * y + dy));
            sum += (light(&small, x, y) - block.iter().sum::<f32>() / 4.0).abs();
        }
        // Letters are drawn anew, so that edges differ.
        assert!(sum / (400.0 * 240.0) < 2.0, "{}", sum / (400.0 * 240.0));
    }

    #[test]
    fn there_are_letters_in_it_dark_on_light_and_light_on_dark() {
        for is_dark in [false, true] {
            let image = picture(1, is_dark);
            let ground = i32::from(image.pixels[0].g());
            let contrast = |pixel: &egui::Color32| (i32::from(pixel.g()) - ground).abs();
            let n_ink = image.pixels.iter().filter(|pixel| contrast(pixel) > 100);
            assert_eq!(ground < 128, is_dark);
            assert!(n_ink.count() > 200);
        }
    }
}

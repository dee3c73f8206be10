//! Opens the window with whatever can draw here.

use std::path::PathBuf;

use eframe::NativeOptions;
use egui::{ViewportBuilder, vec2};

use super::app::App;
use crate::session::{Command, Settings};

/// How the window is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renderer {
    /// Vulkan, Metal or DirectX.
    Wgpu,
    /// OpenGL.
    Glow,
}

/// Why there is no window; nothing could draw.
#[derive(Debug, thiserror::Error)]
#[error(
    "no window can be opened here ({reasons}). If there is a screen, install a graphics driver \
     (on Linux: mesa-vulkan-drivers or libgl1-mesa-dri)"
)]
pub struct StartError {
    reasons: String,
}

/// Whether a window can be shown at all. Only Linux and its relatives run without a display.
pub fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos"))) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Opens the window and returns when it is closed. Without a `renderer` wgpu is tried first, then
/// glow.
///
/// # Errors
/// [`StartError`] when nothing can draw here.
pub fn run(
    paths: &[PathBuf],
    settings: &Settings,
    renderer: Option<Renderer>,
) -> Result<(), StartError> {
    let candidates = match renderer {
        Some(renderer) => vec![renderer],
        None => vec![Renderer::Wgpu, Renderer::Glow],
    };
    let mut reasons = Vec::new();
    for renderer in candidates {
        match open(paths, settings, renderer) {
            Ok(()) => return Ok(()),
            Err(error) => reasons.push(format!("{renderer:?}: {error}")),
        }
    }
    Err(StartError {
        reasons: reasons.join("; "),
    })
}

fn open(paths: &[PathBuf], settings: &Settings, renderer: Renderer) -> eframe::Result {
    let viewport = ViewportBuilder::default()
        .with_app_id("semascope")
        .with_title("Semascope")
        .with_inner_size(vec2(1440.0, 900.0))
        .with_min_inner_size(vec2(900.0, 600.0))
        .with_drag_and_drop(true);
    let options = NativeOptions {
        viewport,
        renderer: match renderer {
            Renderer::Wgpu => eframe::Renderer::Wgpu,
            Renderer::Glow => eframe::Renderer::Glow,
        },
        ..NativeOptions::default()
    };
    let (paths, settings) = (paths.to_vec(), settings.clone());
    eframe::run_native(
        "semascope",
        options,
        Box::new(move |creation| {
            let mut app = App::new(&creation.egui_ctx, settings);
            if !paths.is_empty() {
                app.send(Command::AddPaths(paths));
            }
            Ok(Box::new(app))
        }),
    )
}

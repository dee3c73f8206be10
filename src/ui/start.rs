//! Opens the window with whatever can draw here.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup};
use eframe::{NativeOptions, wgpu};
use egui::{ViewportBuilder, vec2};

use super::app::App;
use crate::session::Settings;
use crate::text::Tools;
use crate::workspace::Desk;

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

/// Opens the window and returns when it is closed. Without a `renderer` wgpu on a real graphics
/// processor is tried first, then OpenGL, then wgpu on whatever there is: where everything is drawn
/// by the processor, OpenGL is five times faster (19 against 97 ms a frame at 1440 × 900, measured
/// with llvmpipe and lavapipe on two cores that were embedding meanwhile).
///
/// # Errors
/// [`StartError`] when nothing can draw here.
pub fn run(
    paths: &[PathBuf],
    settings: &Settings,
    tools: &Tools,
    renderer: Option<Renderer>,
) -> Result<(), StartError> {
    let candidates = match renderer {
        Some(Renderer::Wgpu) => vec![Candidate::AnyWgpu],
        Some(Renderer::Glow) => vec![Candidate::Glow],
        None => vec![Candidate::HardwareWgpu, Candidate::Glow, Candidate::AnyWgpu],
    };
    let mut reasons = Vec::new();
    for candidate in candidates {
        match open(paths, settings, tools, candidate) {
            Ok(()) => return Ok(()),
            Err(error) => reasons.push(format!("{candidate:?}: {error}")),
        }
    }
    Err(StartError {
        reasons: reasons.join("; "),
    })
}

/// What is tried, one after the other.
#[derive(Debug, Clone, Copy)]
enum Candidate {
    HardwareWgpu,
    Glow,
    AnyWgpu,
}

/// Takes the first adapter that is hardware and can draw on the window.
fn hardware_adapter(
    adapters: &[wgpu::Adapter],
    surface: Option<&wgpu::Surface<'_>>,
) -> Result<wgpu::Adapter, String> {
    let is_hardware =
        |adapter: &&wgpu::Adapter| adapter.get_info().device_type != wgpu::DeviceType::Cpu;
    let can_draw = |adapter: &&wgpu::Adapter| {
        surface.is_none_or(|surface| adapter.is_surface_supported(surface))
    };
    let found = adapters.iter().filter(is_hardware).find(can_draw);
    found
        .cloned()
        .ok_or_else(|| "there is no graphics processor".to_owned())
}

fn wgpu_options(candidate: Candidate) -> WgpuConfiguration {
    let mut options = WgpuConfiguration::default();
    if let (Candidate::HardwareWgpu, WgpuSetup::CreateNew(setup)) =
        (candidate, &mut options.wgpu_setup)
    {
        setup.native_adapter_selector = Some(Arc::new(hardware_adapter));
    }
    options
}

fn open(
    paths: &[PathBuf],
    settings: &Settings,
    tools: &Tools,
    candidate: Candidate,
) -> eframe::Result {
    let viewport = ViewportBuilder::default()
        .with_app_id("semascope")
        .with_title("Semascope")
        .with_inner_size(vec2(1440.0, 900.0))
        .with_min_inner_size(vec2(900.0, 600.0))
        .with_drag_and_drop(true);
    let options = NativeOptions {
        viewport,
        renderer: match candidate {
            Candidate::HardwareWgpu | Candidate::AnyWgpu => eframe::Renderer::Wgpu,
            Candidate::Glow => eframe::Renderer::Glow,
        },
        wgpu_options: wgpu_options(candidate),
        // Noise for smooth ramps, which there are none of, on each pixel of each shape.
        dithering: false,
        ..NativeOptions::default()
    };
    let (paths, settings, tools) = (paths.to_vec(), settings.clone(), tools.clone());
    eframe::run_native(
        "semascope",
        options,
        Box::new(move |creation| {
            let mut app = App::new(&creation.egui_ctx, settings, tools, Desk::of_user());
            app.start(paths);
            Ok(Box::new(app))
        }),
    )
}

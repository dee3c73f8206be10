//! How a person wants the window, whatever is open in it.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::storage;

const FILE_NAME: &str = "preferences.json";

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As the system is.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How large everything is drawn, in percent of the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u16", into = "u16")]
pub struct Scale(u16);

impl Scale {
    const SMALLEST: u16 = 70;
    const LARGEST: u16 = 250;
    const STEP: u16 = 10;

    /// As a factor.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// In percent.
    pub fn percent(self) -> u16 {
        self.0
    }

    /// A step larger.
    pub fn larger(self) -> Self {
        Self::from(self.0 + Self::STEP)
    }

    /// A step smaller.
    pub fn smaller(self) -> Self {
        Self::from(self.0 - Self::STEP)
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self(100)
    }
}

impl From<u16> for Scale {
    fn from(percent: u16) -> Self {
        Self(percent.clamp(Self::SMALLEST, Self::LARGEST))
    }
}

impl From<Scale> for u16 {
    fn from(scale: Scale) -> Self {
        scale.0
    }
}

/// All of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Light or dark.
    pub mode: Mode,
    /// How large.
    pub scale: Scale,
    /// Whether nothing shall glide or fade.
    pub reduces_motion: bool,
}

impl Preferences {
    /// What was written to `folder`; the usual if it cannot be read.
    pub fn load(folder: &Path) -> Self {
        let bytes = fs::read(folder.join(FILE_NAME)).ok();
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Writes them to `folder`.
    ///
    /// # Errors
    /// The file system's.
    pub fn save(self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        storage::save(&folder.join(FILE_NAME), &serde_json::to_vec(&self)?, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back_and_damage_gives_the_usual() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = Preferences {
            mode: Mode::Dark,
            scale: Scale::from(150),
            reduces_motion: true,
        };
        assert_eq!(Preferences::load(folder.path()), Preferences::default());
        wanted.save(folder.path()).unwrap();
        assert_eq!(Preferences::load(folder.path()), wanted);
        fs::write(folder.path().join(FILE_NAME), "{\"scale\": 9999}").unwrap();
        assert_eq!(Preferences::load(folder.path()).scale.percent(), 250);
        fs::write(folder.path().join(FILE_NAME), "damaged").unwrap();
        assert_eq!(Preferences::load(folder.path()), Preferences::default());
    }

    #[test]
    fn steps_end_where_nothing_could_be_read_any_more() {
        let steps =
            |step: fn(Scale) -> Scale| (0..100).fold(Scale::default(), |scale, _| step(scale));
        assert_eq!(steps(Scale::larger).percent(), 250);
        assert_eq!(steps(Scale::smaller).percent(), 70);
        assert_eq!(Scale::default().larger().smaller(), Scale::default());
    }
}

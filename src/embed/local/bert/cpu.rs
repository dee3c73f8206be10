//! Which instruction sets this processor has.

use std::fmt;

/// Set to the name of an instruction set, it hides all that are faster: every path can be tried on
/// one machine.
pub const MASK: &str = "SEMASCOPE_CPU";

/// A way to compute, slowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstructionSet {
    /// Whatever the processor is.
    Portable,
    /// AVX2 with FMA.
    Avx2,
    /// AVX-512.
    Avx512,
    /// AVX-512 with 16-bit products.
    Avx512Bf16,
    /// Tiles with 16-bit products.
    Amx,
}

impl InstructionSet {
    /// All of them, slowest first.
    pub const ALL: [Self; 5] = [
        Self::Portable,
        Self::Avx2,
        Self::Avx512,
        Self::Avx512Bf16,
        Self::Amx,
    ];

    /// As written in `SEMASCOPE_CPU`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512bf16",
            Self::Amx => "amx",
        }
    }

    /// Whether its products read 16-bit numbers.
    pub fn is_bf16(self) -> bool {
        matches!(self, Self::Avx512Bf16 | Self::Amx)
    }

    /// Those that this processor has, slowest first, up to the one that `SEMASCOPE_CPU` names.
    pub fn available() -> Vec<Self> {
        let most = std::env::var(MASK).ok();
        let most = Self::ALL
            .into_iter()
            .find(|set| Some(set.name()) == most.as_deref());
        let allowed = |set: &Self| most.is_none_or(|most| *set <= most);
        Self::ALL
            .into_iter()
            .filter(|set| set.is_here())
            .filter(allowed)
            .collect()
    }

    /// The fastest way that this processor has, with 16-bit factors only if `may_round`.
    pub fn fastest(may_round: bool) -> Self {
        let named = std::env::var(MASK).is_ok_and(|name| name == Self::Avx512Bf16.name());
        let is_worth_it = |set: &Self| match set {
            // Intel's processors do half as many of these products in a cycle as of those in f32
            // (measured: 9,150 tokens/s against 12,000), AMD's as many.
            Self::Avx512Bf16 => may_round && (named || is_amd()),
            Self::Amx => may_round,
            _ => true,
        };
        let fastest = Self::available().into_iter().rev().find(is_worth_it);
        fastest.expect("every processor has the portable way")
    }

    /// Why `SEMASCOPE_CPU` means nothing, when it is set to something else than a name.
    pub fn unknown_mask() -> Option<String> {
        let mask = std::env::var(MASK).ok()?;
        let names = Self::ALL.map(Self::name);
        (!names.contains(&mask.as_str()))
            .then(|| format!("{MASK} is “{mask}”; it can be one of {}", names.join(", ")))
    }

    /// What the processor calls itself, where it can be asked.
    #[cfg(target_arch = "x86_64")]
    pub fn processor() -> Option<String> {
        use std::arch::x86_64::__cpuid;
        // Three leaves of 16 letters each, where the processor has them.
        (__cpuid(0x8000_0000).eax >= 0x8000_0004).then(|| {
            let leaf = |leaf: u32| {
                let part = __cpuid(leaf);
                [part.eax, part.ebx, part.ecx, part.edx].map(u32::to_le_bytes)
            };
            let letters = (0x8000_0002..=0x8000_0004).flat_map(leaf).flatten();
            let letters: Vec<u8> = letters.collect();
            let name = String::from_utf8_lossy(&letters);
            name.trim_matches(['\0', ' ']).to_owned()
        })
    }

    /// What the processor calls itself, where it can be asked.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn processor() -> Option<String> {
        None
    }

    #[cfg(target_arch = "x86_64")]
    fn is_here(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        match self {
            Self::Portable => true,
            Self::Avx2 => has!("avx2") && has!("fma"),
            Self::Avx512 => {
                has!("avx512f")
                    && has!("avx512bw")
                    && has!("avx512dq")
                    && has!("avx512vl")
                    && has!("fma")
            }
            Self::Avx512Bf16 => Self::Avx512.is_here() && has!("avx512bf16"),
            Self::Amx => Self::Avx512Bf16.is_here() && has_amx(),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_here(self) -> bool {
        self == Self::Portable
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
            Self::Avx512Bf16 => "AVX-512 BF16",
            Self::Amx => "AMX",
        })
    }
}

#[cfg(target_arch = "x86_64")]
fn is_amd() -> bool {
    let vendor = std::arch::x86_64::__cpuid(0);
    let name = [vendor.ebx, vendor.edx, vendor.ecx].map(u32::to_le_bytes);
    name.as_flattened() == b"AuthenticAMD"
}

#[cfg(not(target_arch = "x86_64"))]
fn is_amd() -> bool {
    false
}

/// Whether the processor has tiles and the system lets this program use them.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[expect(
    unsafe_code,
    reason = "the permission can only be had by a bare system call"
)]
fn has_amx() -> bool {
    use std::sync::LazyLock;
    /// Linux keeps the tiles' memory back until a program asks: see its `arch_prctl(2)`.
    const ARCH_REQ_XCOMP_PERM: libc::c_int = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_ulong = 18;
    static HAS: LazyLock<bool> = LazyLock::new(|| {
        let features = std::arch::x86_64::__cpuid_count(7, 0).edx;
        let (bf16, tile) = (features >> 22 & 1, features >> 24 & 1);
        // SAFETY: this call only asks for permission; it answers 0 or an error.
        let ask = || unsafe {
            libc::syscall(
                libc::SYS_arch_prctl,
                ARCH_REQ_XCOMP_PERM,
                XFEATURE_XTILEDATA,
            )
        };
        bf16 & tile == 1 && ask() == 0
    });
    *HAS
}

#[cfg(all(target_arch = "x86_64", not(target_os = "linux")))]
fn has_amx() -> bool {
    false
}

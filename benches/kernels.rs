//! How fast one thread multiplies, in every way that this machine has, beside the crate `gemm` taking
//! its turns in the same run: `cargo bench --bench kernels`.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::time::Instant;

use semascope::embed::InstructionSet;
use semascope::embed::measuring::product;

/// Tokens of a group, and the four linear layers of all-MiniLM-L6-v2.
const N: usize = 448;
const LAYERS: [(&str, usize, usize); 4] = [
    ("queries, keys, values", 384, 1152),
    ("attention output", 384, 384),
    ("feed-forward in", 384, 1536),
    ("feed-forward out", 1536, 384),
];
/// The median of so many turns counts.
const N_ROUNDS: usize = 15;

fn main() {
    let sets = InstructionSet::available();
    print!("{:<24}{:>12}", "GFLOP/s, one thread", "gemm");
    for set in &sets {
        print!("{:>14}", set.to_string());
    }
    println!();
    for (name, n_in, n_out) in LAYERS {
        let mut contenders = vec![gemm(n_in, n_out)];
        contenders.extend(sets.iter().map(|set| product(*set, N, n_in, n_out)));
        let mut seconds = vec![Vec::new(); contenders.len()];
        for round in 0..=N_ROUNDS {
            for (contender, seconds) in contenders.iter_mut().zip(&mut seconds) {
                let started = Instant::now();
                for _ in 0..4 {
                    contender();
                }
                // The first round only warms up.
                if round > 0 {
                    seconds.push(started.elapsed().as_secs_f64() / 4.0);
                }
            }
        }
        print!("{name:<24}");
        for (column, seconds) in seconds.iter_mut().enumerate() {
            seconds.sort_by(f64::total_cmp);
            let work = 2e-9 * (N * n_in * n_out) as f64;
            print!(
                "{:>1$.0}",
                work / seconds[N_ROUNDS / 2],
                if column == 0 { 12 } else { 14 }
            );
        }
        println!();
    }
}

/// The crate's own product of the whole layer.
#[expect(unsafe_code, reason = "gemm takes pointers")]
fn gemm(n_in: usize, n_out: usize) -> Box<dyn FnMut()> {
    let (a, b) = (vec![0.5_f32; N * n_in], vec![0.25_f32; n_out * n_in]);
    let mut out = vec![0.0_f32; N * n_out];
    Box::new(move || {
        // SAFETY: the three have the lengths that shapes and strides say.
        unsafe {
            gemm::gemm(
                N,
                n_out,
                n_in,
                out.as_mut_ptr(),
                1,
                n_out.cast_signed(),
                false,
                a.as_ptr(),
                1,
                n_in.cast_signed(),
                b.as_ptr(),
                n_in.cast_signed(),
                1,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        std::hint::black_box(&out);
    })
}

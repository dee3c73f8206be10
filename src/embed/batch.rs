//! Batches of texts of like length, so that little is computed on padding.

/// Parts the texts into batches, longest first: indices into `lengths`, each batch at most `budget`
/// tokens with padding, or a single text.
///
/// Longest first, so that the work left at the end comes in small pieces.
pub fn batches(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    // Stable, so equal lengths keep their order and the batches are the same every time.
    order.sort_by_key(|text| std::cmp::Reverse(lengths[*text]));
    let mut out: Vec<Vec<usize>> = Vec::new();
    for text in order {
        match out.last_mut() {
            Some(batch) if (batch.len() + 1) * lengths[batch[0]] <= budget => batch.push(text),
            _ => out.push(vec![text]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_in_one_batch_and_batches_keep_to_the_budget() {
        let lengths: Vec<usize> = (0..200).map(|i| 2 + (i * 37) % 255).collect();
        let out = batches(&lengths, 512);
        let mut texts: Vec<usize> = out.iter().flatten().copied().collect();
        texts.sort_unstable();
        assert_eq!(texts, (0..200).collect::<Vec<_>>());
        for batch in out {
            let longest = batch.iter().map(|text| lengths[*text]).max().unwrap();
            assert!(batch.len() == 1 || batch.len() * longest <= 512);
        }
    }

    #[test]
    fn no_texts_make_no_batches() {
        assert!(batches(&[], 512).is_empty());
        assert_eq!(batches(&[600], 512), [[0]]);
    }
}

//! How a document lies before the model: which tokens, where each stands, and which see each other.
//!
//! `<doc> <sec>`, then every sentence behind a `<cls>`, and another `<sec>` before each further
//! section. Tokens see each other inside a sentence; the `<sec>` and the `<cls>` of one section
//! see each other; and so do `<doc>` and every `<sec>`. A word thus reaches the document in three
//! steps, by way of its sentence and its section.

use std::ops::Range;

/// Ids of the tokens that stand for a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchors {
    /// `<doc>`, the first token of a document.
    pub document: u32,
    /// `<sec>`, before a section.
    pub section: u32,
    /// `<cls>`, the first token of a sentence.
    pub sentence: u32,
}

/// The tokens of a document in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What they are.
    pub ids: Vec<u32>,
    /// Where they stand: the token in its sentence, the sentence in its section, the section in the
    /// document. 0 is the anchor's place, so sentences and sections count from 1.
    pub positions: Vec<[u32; 3]>,
    sections: Vec<Section>,
}

/// A section's anchor, and its sentences with theirs: indices of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    anchor: usize,
    sentences: Vec<Range<usize>>,
}

/// Tokens that see each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Indices of tokens.
    pub members: Vec<usize>,
    /// Which of the members see themselves in this group. An anchor is in two groups, and must not
    /// see itself twice.
    pub selves: Range<usize>,
}

impl Layout {
    /// Lays out a document, which is sections of sentences of tokens, and cuts it to its first
    /// `max_tokens` tokens, anchors included.
    pub fn new(sections: &[Vec<Vec<u32>>], anchors: Anchors, max_tokens: usize) -> Self {
        let mut layout = Self {
            ids: vec![anchors.document],
            positions: vec![[0, 0, 0]],
            sections: Vec::new(),
        };
        // A document without any text has a section all the same.
        layout.begin_section(anchors.section);
        for (section_idx, sentences) in sections.iter().enumerate() {
            if section_idx > 0 {
                layout.begin_section(anchors.section);
            }
            for tokens in sentences {
                layout.push_sentence(anchors.sentence, tokens);
            }
        }
        layout.cut(max_tokens);
        layout
    }

    /// Tokens, anchors included.
    pub fn n_tokens(&self) -> usize {
        self.ids.len()
    }

    /// Who sees whom. Every pair of different tokens that see each other is in one group only, and
    /// every token sees itself in one.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        let mut section_anchors = vec![0];
        for section in &self.sections {
            section_anchors.push(section.anchor);
            let mut members = vec![section.anchor];
            for sentence in &section.sentences {
                members.push(sentence.start);
                // An empty sentence is its anchor alone, which the section has.
                if sentence.len() > 1 {
                    groups.push(Group {
                        members: sentence.clone().collect(),
                        selves: 1..sentence.len(),
                    });
                }
            }
            groups.push(Group {
                selves: 0..members.len(),
                members,
            });
        }
        groups.push(Group {
            members: section_anchors,
            selves: 0..1,
        });
        groups
    }

    fn begin_section(&mut self, anchor: u32) {
        self.sections.push(Section {
            anchor: self.ids.len(),
            sentences: Vec::new(),
        });
        self.ids.push(anchor);
        self.positions.push([0, 0, self.sections.len() as u32]);
    }

    fn push_sentence(&mut self, anchor: u32, tokens: &[u32]) {
        let section_number = self.sections.len() as u32;
        let section = self.sections.last_mut();
        let section = section.expect("a section was begun before its sentences");
        let start = self.ids.len();
        section.sentences.push(start..start + 1 + tokens.len());
        let sentence_number = section.sentences.len() as u32;
        self.ids.push(anchor);
        self.ids.extend_from_slice(tokens);
        let places = 0..=tokens.len() as u32;
        self.positions
            .extend(places.map(|place| [place, sentence_number, section_number]));
    }

    fn cut(&mut self, max_tokens: usize) {
        self.ids.truncate(max_tokens);
        self.positions.truncate(max_tokens);
        self.sections.retain(|section| section.anchor < max_tokens);
        for section in &mut self.sections {
            section
                .sentences
                .retain(|sentence| sentence.start < max_tokens);
            for sentence in &mut section.sentences {
                sentence.end = sentence.end.min(max_tokens);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANCHORS: Anchors = Anchors {
        document: 4,
        section: 3,
        sentence: 2,
    };

    fn layout(max_tokens: usize) -> Layout {
        let sections: Vec<Vec<Vec<u32>>> = vec![vec![vec![10, 11], vec![]], vec![vec![12]]];
        Layout::new(&sections, ANCHORS, max_tokens)
    }

    #[test]
    fn anchors_stand_before_what_they_stand_for() {
        let whole = layout(100);
        assert_eq!(whole.ids, [4, 3, 2, 10, 11, 2, 3, 2, 12]);
        assert_eq!(
            whole.positions,
            [
                [0, 0, 0],
                [0, 0, 1],
                [0, 1, 1],
                [1, 1, 1],
                [2, 1, 1],
                [0, 2, 1],
                [0, 0, 2],
                [0, 1, 2],
                [1, 1, 2],
            ]
        );
        let members: Vec<Vec<usize>> = whole.groups().into_iter().map(|g| g.members).collect();
        assert_eq!(
            members,
            [
                vec![2, 3, 4],
                vec![1, 2, 5],
                vec![7, 8],
                vec![6, 7],
                vec![0, 1, 6]
            ]
        );
    }

    #[test]
    fn every_token_sees_itself_once_wherever_the_document_is_cut() {
        for max_tokens in 2..=9 {
            let cut = layout(max_tokens);
            assert_eq!(cut.n_tokens(), max_tokens, "anchors count");
            assert_eq!(cut.positions.len(), max_tokens);
            assert_eq!(cut.ids, layout(100).ids[..max_tokens]);
            let mut selves: Vec<usize> = cut
                .groups()
                .iter()
                .flat_map(|group| group.members[group.selves.clone()].to_vec())
                .collect();
            selves.sort_unstable();
            assert_eq!(selves, (0..max_tokens).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_document_without_text_is_two_anchors() {
        let no_section: &[Vec<Vec<u32>>] = &[];
        let no_sentence: &[Vec<Vec<u32>>] = &[vec![]];
        for sections in [no_section, no_sentence] {
            assert_eq!(Layout::new(sections, ANCHORS, 100).ids, [4, 3]);
        }
    }
}

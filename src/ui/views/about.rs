//! What each view shows, and what it does not: the answers behind its question mark.

use super::View;

const SHOWS: &str = "What does it show?";
const NOT: &str = "What does it not show?";
const DO: &str = "What can I do here?";

impl View {
    /// Questions and their answers.
    pub fn about(self) -> [(&'static str, &'static str); 3] {
        let [shows, not, act] = match self {
            Self::Map => [
                "Every document as a point. Points that lie close together are mostly about the same \
                 thing; a color is a cluster, or whatever you color by.",
                "Exact likeness. Hundreds of numbers per document were pressed into two or three, and \
                 some neighbors are torn apart by that: the strip says how many stay together. Distances between \
                 far groups, and directions, mean little.",
                "Drag to move, turn the wheel to zoom. Draw a box or a lasso to choose. Click a \
                 point to read it, double-click another to compare. Arrow keys walk.",
            ],
            Self::Matrix => [
                "The cosine of every pair: a row and a column per document, the brighter or darker \
                 the cell, the closer the meaning. Similar documents stand next to each other, so \
                 groups are blocks along the diagonal.",
                "Why two documents are alike; click a cell, and Compare tells.",
                "Turn the wheel to zoom, drag to move, click a cell to compare its two documents.",
            ],
            Self::Compare => [
                "Two texts with the sentences that make their score, and how much each pair of \
                 sentences adds to it. Read that as the exact parts of one number.",
                "Whether they agree: a text and its denial are about the same thing, and score high.",
                "Point at a sentence to see what it goes with. Step to the nearer or farther \
                 neighbor, or swap the sides.",
            ],
            Self::Table => [
                "One row per document with all that is known of it: cluster, tags, size, dates, how \
                 close its nearest neighbor is, and the columns of your data.",
                "The texts themselves; a click shows them under Details.",
                "Click a heading to sort, a row to select, a tick to choose. Filters stand on the \
                 left, tags are given to all that are chosen.",
            ],
            Self::Duplicates => [
                "Groups of documents that are the same or nearly so, sentences that stand in many \
                 documents, and documents that are like no other.",
                "Which one is right. A suggestion follows from dates and sizes, not from truth.",
                "Go through the groups, compare, tag. Nothing here deletes a file of yours.",
            ],
            Self::Files => [
                "Every file that was found: read, read in part, or left out, and why.",
                "Files that your filters leave out of the other views; those are hidden, not lost.",
                "Open the place of a file, or what went wrong with it.",
            ],
            Self::Models => [
                "What a second model makes of the same documents: its map beside this one, which \
                 documents moved most, and how far the two agree.",
                "Which model is better. That depends on what you call alike.",
                "Choose a folder with another model, then look at what moved.",
            ],
        };
        [(SHOWS, shows), (NOT, not), (DO, act)]
    }
}

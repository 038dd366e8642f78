//! Chance that is the same every time: `SplitMix64`, which needs no more than a number.

/// Dice that always fall the same way for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one of many things, so that each can be made without those before it.
    pub fn new(seed: u64, kind: u64, number: usize) -> Self {
        let mut dice =
            Self(seed ^ kind.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((number as u64) << 8));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { usize::try_from(self.next() >> 16).unwrap_or(0) % end }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of several; the caller knows that there is one.
    pub fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A number below `end`, small ones more often: as some people write more than others.
    pub fn leaning(&mut self, end: usize) -> usize {
        let (first, second) = (self.below(end), self.below(end));
        first.min(second)
    }

    /// All numbers below `end`, mixed.
    pub fn shuffled(&mut self, end: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..end).collect();
        for at in (1..end).rev() {
            all.swap(at, self.below(at + 1));
        }
        all
    }
}

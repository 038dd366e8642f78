//! How many likes, comments and views each post gets.

use super::dice::Dice;

/// Deals `total` out to so many, unevenly and to the last one; nobody gets more than `most`.
pub fn shares(seed: u64, kind: u64, (number, total): (usize, usize), most: usize) -> Vec<i64> {
    let mean = total / number.max(1);
    let mut dice = Dice::new(seed, kind, 0);
    let mut all: Vec<usize> = (0..number).map(|_| dice.leaning(mean * 3 + 1).min(most)).collect();
    let mut sum: usize = all.iter().sum();
    let mut at = 0;
    let limit = total.min(most.saturating_mul(number));
    while sum != limit && number > 0 {
        let one = &mut all[at % number];
        if sum < limit && *one < most {
            *one += 1;
            sum += 1;
        } else if sum > limit && *one > 0 {
            *one -= 1;
            sum -= 1;
        }
        at += 1;
    }
    all.into_iter().map(|share| i64::try_from(share).unwrap_or(0)).collect()
}

/// The most that one got.
pub fn most(shares: &[i64]) -> i64 {
    shares.iter().copied().max().unwrap_or(0)
}

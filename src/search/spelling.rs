//! What somebody may have meant who mistyped a word.

/// The shortest word that is mended: shorter ones are like too many others.
pub const SHORTEST: usize = 4;

/// How many mistakes are forgiven in a word of so many letters.
pub fn forgiven(letters: usize) -> usize {
    match letters {
        0..SHORTEST => 0,
        SHORTEST..8 => 1,
        _ => 2,
    }
}

/// How many letters were left out, put in, changed, or swapped with their neighbour.
pub fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for row in 1..=one.len() {
        let mut line = vec![row];
        for column in 1..=other.len() {
            let changed = usize::from(one[row - 1] != other[column - 1]);
            let mut least =
                (above[column - 1] + changed).min(above[column] + 1).min(line[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                least = least.min(before[column - 2] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[other.len()]
}

/// The likeliest of some known words, if one is near enough. The word itself is no correction.
pub fn correct<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = forgiven(typed.chars().count());
    let same_beginning = |word: &str| {
        word.chars().zip(typed.chars()).take_while(|(one, other)| one == other).count()
    };
    let mut best: Option<(usize, usize, &str)> = None;
    for word in known {
        let far = distance(typed, word);
        if far == 0 {
            return None;
        }
        if far > most || word.chars().count() < SHORTEST {
            continue;
        }
        let rank = (far, usize::MAX - same_beginning(word), word);
        if best.is_none_or(|best| rank < best) {
            best = Some(rank);
        }
    }
    best.map(|(.., word)| word)
}

/// The parts of three letters by which like words are found; the beginning counts twice.
pub fn trigrams(word: &str) -> Vec<String> {
    let letters: Vec<char> = format!("  {word} ").chars().collect();
    let mut grams: Vec<String> = letters.windows(3).map(|gram| gram.iter().collect()).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted() {
        for (one, other, expected) in [
            ("river", "river", 0),
            ("rivr", "river", 1),
            ("rivver", "river", 1),
            ("rover", "river", 1),
            ("sopu", "soup", 1),
            ("", "abc", 3),
            ("réka", "reka", 1),
            ("publihsing", "publishing", 1),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn the_likeliest_word_is_taken() {
        let known = ["river", "rivers", "rover", "soup", "ana", "endurance"];
        for (typed, expected) in [
            ("rivr", Some("river")),
            ("sopu", Some("soup")),
            ("endurence", Some("endurance")),
            ("endurrence", Some("endurance")),
            ("river", None),
            ("anax", None),
            ("xyzzy", None),
            ("ri", None),
        ] {
            assert_eq!(correct(typed, known.into_iter()), expected, "{typed}");
        }
    }
}

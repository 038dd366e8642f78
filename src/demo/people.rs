//! People with names from many places.

use std::collections::HashMap;

use super::{
    dice::Dice,
    lexicon::{Library, capitalised},
};

/// Somebody to be made.
pub struct Member {
    pub username: String,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub bio: String,
    pub location: Option<&'static str>,
}

/// Makes people; names that come twice get a number.
pub fn members(library: &Library, seed: u64, number: usize) -> Vec<Member> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    (0..number).map(|at| member(library, seed, at, &mut taken)).collect()
}

fn member(library: &Library, seed: u64, at: usize, taken: &mut HashMap<String, usize>) -> Member {
    let mut dice = Dice::new(seed, 1, at);
    let common = &library.common;
    let (first_name, last_name) = (dice.pick(common.all("first")), dice.pick(common.all("last")));
    let base: String = markup::slugify(&format!("{first_name} {last_name}")).replace('-', "_");
    let base: String = base.chars().take(14).collect::<String>().trim_end_matches('_').to_owned();
    let count = taken.entry(base.clone()).or_default();
    *count += 1;
    let username = if *count == 1 { base } else { format!("{base}{count}") };
    let domain = &library.domains[at % library.domains.len()];
    let bio = dice.pick(common.all("bios"));
    Member {
        username,
        first_name,
        last_name,
        bio: capitalised(&library.say(domain, &mut dice, bio)),
        location: dice.percent(70).then(|| dice.pick(common.all("places"))),
    }
}

use base::Rng;

/// Letters and digits that cannot be mistaken for each other.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A password that one person hands to another, to be changed at the first sign-in: four groups of
/// four, 79 bits.
pub fn first(rng: &Rng) -> String {
    let group = || -> String {
        (0..4)
            .map(|_| char::from(ALPHABET[rng.below(ALPHABET.len() as u64) as usize]))
            .collect()
    };
    [group(), group(), group(), group()].join("-")
}

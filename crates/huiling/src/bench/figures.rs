//! Arithmetic that rows share.

/// The value below which this part of a sorted list lies; zero of an empty one.
pub fn quantile(sorted: &[u64], part: f64) -> u64 {
    let place = (sorted.len() as f64 * part) as usize;
    sorted.get(place).or(sorted.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_taken_from_the_list() {
        let sorted: Vec<u64> = (1..=100).collect();
        assert_eq!(
            (
                quantile(&sorted, 0.5),
                quantile(&sorted, 0.99),
                quantile(&[], 0.5)
            ),
            (51, 100, 0)
        );
    }
}

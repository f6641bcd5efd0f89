use super::world::{Scale, live};

/// `HUILING_SIMULATE_SEEDS=200` lives two hundred months instead of these few.
const SEEDS: u64 = 2;

#[test]
fn a_month_with_faults_is_sound_every_evening() {
    let seeds = std::env::var("HUILING_SIMULATE_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    for seed in 1..=seeds {
        let month = live(
            seed,
            Scale {
                days: 30,
                customers: 200,
            },
        );
        let month = month.unwrap_or_else(|broken| panic!("{broken}"));
        println!("{month}");
        assert!(
            month.held > 30 && month.deaths > 3 && month.faults > 20,
            "{month}"
        );
        assert!(month.released > 5 && month.voided > 5, "{month}");
    }
}

#[test]
fn one_seed_lives_the_same_month_to_the_last_byte() {
    let scale = Scale {
        days: 3,
        customers: 80,
    };
    let lived = [5, 5, 6].map(|seed| live(seed, scale).unwrap_or_else(|broken| panic!("{broken}")));
    assert_eq!(lived[0], lived[1]);
    assert_ne!(lived[0].digest, lived[2].digest);
}

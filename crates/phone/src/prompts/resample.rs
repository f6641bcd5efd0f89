//! Any sound that a synthesizer or a studio makes, brought to the telephone's 8 kHz.

use crate::Sound;
use std::f64::consts::PI;

/// Half the filter's length, in samples of 8 kHz.
const REACH: f64 = 16.0;
/// The band ends below half of 8 kHz.
const CUT_HZ: f64 = 3_500.0;
const RATE: u32 = 8_000;

/// Band-limits and resamples by a windowed sinc (Blackman); samples of full scale ±1.
/// `rate` is from 8,000 to 192,000 a second.
pub(super) fn to_telephone(samples: &[f32], rate: u32) -> Sound {
    let step = f64::from(rate) / f64::from(RATE);
    let length = (samples.len() as f64 / step) as usize;
    let reach = REACH * step;
    let cut = 2.0 * CUT_HZ / f64::from(rate);
    let out: Vec<i16> = (0..length)
        .map(|place| {
            let centre = place as f64 * step;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach) as usize).min(samples.len() - 1);
            let sum: f64 = (first..=last)
                .map(|at| f64::from(samples[at]) * tap(at as f64 - centre, reach, cut))
                .sum();
            (sum * 32_767.0).clamp(-32_768.0, 32_767.0) as i16
        })
        .collect();
    Sound::from_samples(out)
}

fn tap(distance: f64, reach: f64, cut: f64) -> f64 {
    let sinc = if distance.abs() < 1e-9 {
        cut
    } else {
        (PI * cut * distance).sin() / (PI * distance)
    };
    let place = (distance / reach + 1.0) / 2.0;
    sinc * (0.42 - 0.5 * (2.0 * PI * place).cos() + 0.08 * (4.0 * PI * place).cos())
}

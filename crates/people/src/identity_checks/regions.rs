//! Region codes of GB/T 2260, as far as they can be checked without locking anybody out. A number
//! keeps the code of the place that registered the birth, and many of those places were merged or
//! renamed since; so provinces are checked by list, prefectures by the standard's ranges.

/// Provinces, municipalities and autonomous regions, with the codes of residence permits for
/// Hong Kong (81), Macao (82) and Taiwan (71, 83).
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
];

pub fn is_province(code: &str) -> bool {
    PROVINCES.contains(&code)
}

/// A foreigner's permanent residence number since 2023: `9`, then the province, then the country.
pub fn is_foreign_resident(number: &str) -> bool {
    number.len() == 18 && number.starts_with('9') && is_province(&number[1..3])
}

/// Whether the standard could have given this prefecture code in that province:
/// 01–20 and 51–70 are cities, 21–50 prefectures, autonomous prefectures and leagues, 90 counties
/// directly under the province. Municipalities have 01 (districts), 02 (counties), and Chongqing 03.
pub fn may_be_prefecture(province: &str, code: &str) -> bool {
    let Ok(value) = code.parse::<u8>() else {
        return false;
    };
    match province {
        "11" | "12" | "31" => (1..=2).contains(&value),
        "50" => (1..=3).contains(&value),
        "71" | "81" | "82" | "83" => value <= 20,
        _ => (1..=70).contains(&value) || value == 90,
    }
}

//! Who lives in the demo's town. Names are drawn from common surnames and given names; any likeness
//! is chance.

use base::{PhoneNumber, Rng};

const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "高", "林", "罗", "郑", "梁", "谢", "宋",
];
const GIVEN: [&str; 32] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
    "秀英", "霞", "平", "刚", "桂英", "晓雯", "子涵", "浩然", "雨桐", "建国", "志强", "小红", "文博", "思远",
    "佳怡",
];

/// The visitor's number, `138 0000 0001`.
pub const VISITOR: &str = "+8613800000001";
/// The neighbour whom the guide names, `138 0000 1002`.
pub const NEIGHBOUR_INDEX: usize = 2;

pub fn name(rng: &Rng) -> String {
    let surname = SURNAMES[rng.below(SURNAMES.len() as u64) as usize];
    let given = GIVEN[rng.below(GIVEN.len() as u64) as usize];
    format!("{surname}{given}")
}

/// The number of the inhabitant with this index.
///
/// # Panics
/// Never for an index below 9,000: such numbers are Chinese mobile numbers.
pub fn number(index: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+861380000{:04}", 1_000 + index)).expect("a Chinese mobile number")
}

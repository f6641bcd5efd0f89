use super::Case;
use money::VerifyReport;

/// What one case came to.
pub struct Row {
    case: Case,
    payments: u64,
    held: u64,
    refused: u64,
    secs: f64,
    p50_ms: f64,
    p99_ms: f64,
    bytes_per_payment: u64,
    measured: Measured,
}

/// One caller's findings.
#[derive(Default)]
pub struct Found {
    pub latencies_us: Vec<u32>,
    pub held: u64,
    pub refused: u64,
}

/// What was measured beside the callers.
pub struct Measured {
    /// Orders of one commit; `None` where it is not known.
    pub mean_slice: Option<f64>,
    /// By which the database grew.
    pub bytes: u64,
    pub resident_mib: u64,
    pub verify: VerifyReport,
    pub verify_secs: f64,
    /// Requests sent again whose answers were the same bytes; over HTTP alone.
    pub replayed: Option<u64>,
}

impl Row {
    pub fn new(case: Case, found: &[Found], secs: f64, measured: Measured) -> Self {
        let mut latencies_us: Vec<u32> = Vec::new();
        for one in found {
            latencies_us.extend(&one.latencies_us);
        }
        latencies_us.sort_unstable();
        let payments = latencies_us.len() as u64;
        Self {
            case,
            payments,
            held: found.iter().map(|one| one.held).sum(),
            refused: found.iter().map(|one| one.refused).sum(),
            secs,
            p50_ms: quantile_ms(&latencies_us, 0.50),
            p99_ms: quantile_ms(&latencies_us, 0.99),
            bytes_per_payment: measured.bytes / payments.max(1),
            measured,
        }
    }

    /// Nothing is amiss, and the database holds as many answers, assessments and transfers as
    /// callers were told of; each assessment was made again.
    pub fn is_sound(&self) -> bool {
        let verify = &self.measured.verify;
        let posted = verify.transfers - self.case.accounts as u64;
        verify.is_sound()
            && verify.answers == self.payments
            && verify.open_holds == self.held
            && posted + self.held + self.refused == self.payments
            && verify.assessments + self.refused >= self.payments
            && verify.scored == verify.assessments
    }

    pub fn heading() -> String {
        format!(
            "{:<9}{:>10}{:>9}  {:<8}{:<8}{:>10}{:>9}{:>9}{:>7}{:>8}{:>8}  verify",
            "engine",
            "accounts",
            "callers",
            "over",
            "payees",
            "paid/s",
            "p50 ms",
            "p99 ms",
            "slice",
            "B/paid",
            "MiB"
        )
    }

    pub fn to_line(&self) -> String {
        let measured = &self.measured;
        let replayed = measured
            .replayed
            .map_or_else(String::new, |count| format!(", {count} replayed alike"));
        let verified = if self.is_sound() {
            format!("sound, {:.1} s{replayed}", measured.verify_secs)
        } else {
            format!("WRONG: {:?}", measured.verify.problems.first())
        };
        let slice = measured
            .mean_slice
            .map_or_else(|| "-".into(), |orders| format!("{orders:.0}"));
        format!(
            "{:<9}{:>10}{:>9}  {:<8}{:<8}{:>10.0}{:>9.1}{:>9.1}{:>7}{:>8}{:>8}  {verified}",
            format!("{:?}", self.case.engine).to_lowercase(),
            self.case.accounts,
            self.case.callers,
            format!("{:?}", self.case.over).to_lowercase(),
            format!("{:?}", self.case.payees).to_lowercase(),
            self.payments as f64 / self.secs,
            self.p50_ms,
            self.p99_ms,
            slice,
            self.bytes_per_payment,
            measured.resident_mib,
        )
    }

    pub fn to_json(&self) -> String {
        let (measured, verify) = (&self.measured, &self.measured.verify);
        serde_json::json!({
            "engine": format!("{:?}", self.case.engine).to_lowercase(),
            "accounts": self.case.accounts,
            "callers": self.case.callers,
            "over": format!("{:?}", self.case.over).to_lowercase(),
            "payees": format!("{:?}", self.case.payees).to_lowercase(),
            "payments": self.payments,
            "held": self.held,
            "refused": self.refused,
            "secs": self.secs,
            "per_sec": self.payments as f64 / self.secs,
            "p50_ms": self.p50_ms,
            "p99_ms": self.p99_ms,
            "mean_slice": measured.mean_slice,
            "bytes_per_payment": self.bytes_per_payment,
            "resident_mib": measured.resident_mib,
            "replayed_alike": measured.replayed,
            "sound": self.is_sound(),
            "verified": {
                "secs": measured.verify_secs,
                "transfers": verify.transfers,
                "answers": verify.answers,
                "assessments": verify.assessments,
                "scored": verify.scored,
                "open_holds": verify.open_holds,
                "problems": verify.problems,
            },
        })
        .to_string()
    }
}

fn quantile_ms(sorted_us: &[u32], part: f64) -> f64 {
    let place = (sorted_us.len() as f64 * part) as usize;
    let found = sorted_us.get(place).or(sorted_us.last());
    found.map_or(0.0, |us| f64::from(*us) / 1_000.0)
}

use super::entry::{Entry, Heard, Line, What};
use crate::CallsError;
use base::{Amount, CallId, Currency, Language};
use store::{Row, Tx};

store::statements! {
    /// A repetition after a commit whose answer was lost finds its rows there.
    INSERT = "INSERT INTO call_transcript (call_id, place, from_ms, until_ms, kind, what, language,
        amount_minor, currency, wallet_last4) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (call_id, place) DO NOTHING";
    OF_CALL = "SELECT from_ms, until_ms, kind, what, language, amount_minor, currency, wallet_last4
        FROM call_transcript WHERE call_id = $1 ORDER BY from_ms, place LIMIT $2";
}

const SAID: &str = "said";
const CUT: &str = "cut";
const HEARD: &str = "heard";

/// Adds entries; the first has this place in its transcript.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    call: CallId,
    first_place: i64,
    entries: &[Entry],
) -> Result<(), CallsError> {
    for (entry, place) in entries.iter().zip(first_place..) {
        insert(tx, call, place, entry)?;
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, call: CallId, place: i64, entry: &Entry) -> Result<(), CallsError> {
    let (kind, what, language) = match &entry.what {
        What::Said {
            line,
            language,
            whole,
        } => {
            let kind = if *whole { SAID } else { CUT };
            (kind, line.name().to_owned(), Some(language.tag()))
        }
        What::Heard(heard) => (HEARD, heard.code(), None),
    };
    let (amount, wallet_last4) = match &entry.what {
        What::Said {
            line: Line::Payment { amount, wallet_last4 },
            ..
        } => (Some(*amount), Some(wallet_last4)),
        What::Said {
            line: Line::Limit(limit),
            ..
        } => (Some(*limit), None),
        What::Said { .. } | What::Heard(_) => (None, None),
    };
    tx.execute(
        &INSERT,
        &[
            call.as_bytes().into(),
            place.into(),
            entry.from_ms.into(),
            entry.until_ms.into(),
            kind.into(),
            what.into(),
            language.into(),
            amount.map(|amount| amount.minor).into(),
            amount.map(|amount| amount.currency.code()).into(),
            wallet_last4.map(String::as_str).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn of_call(tx: &mut Tx<'_>, call: CallId, limit: usize) -> Result<Vec<Entry>, CallsError> {
    let args = [call.as_bytes().into(), (limit as i64).into()];
    tx.query(&OF_CALL, &args, |row| Ok(read(row)))?
        .into_iter()
        .collect()
}

fn read(row: &Row<'_>) -> Result<Entry, CallsError> {
    let (kind, what, language) = (row.text(2)?, row.text(3)?, row.opt_text(4)?);
    let corrupt = |what, found: &str| CallsError::Corrupt {
        what,
        found: found.into(),
    };
    let currency = row.opt_text(6)?;
    let currency = currency
        .map(|code| code.parse::<Currency>().map_err(|_| corrupt("currency", &code)))
        .transpose()?;
    let amount = row.opt_int(5)?.zip(currency);
    let amount = amount.map(|(minor, currency)| Amount::new(minor, currency));
    let what = match kind.as_str() {
        SAID | CUT => {
            let tag = language.unwrap_or_default();
            What::Said {
                language: Language::from_tag(&tag).ok_or_else(|| corrupt("language", &tag))?,
                line: Line::read(what, amount, row.opt_text(7)?),
                whole: kind == SAID,
            }
        }
        HEARD => What::Heard(Heard::from_code(&what).ok_or_else(|| corrupt("key of a transcript", &what))?),
        _ => return Err(corrupt("kind of transcript entry", &kind)),
    };
    Ok(Entry {
        from_ms: row.int(0)?,
        until_ms: row.int(1)?,
        what,
    })
}

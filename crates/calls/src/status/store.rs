use super::{LineState, Node};
use crate::CallsError;
use base::Timestamp;
use store::Tx;

store::statements! {
    NODES = "SELECT node, lease_until_us, line, line_since_us FROM call_node ORDER BY node LIMIT 100";
    BEAT = "INSERT INTO call_node (node, lease_until_us, line, line_since_us) VALUES ($1, $2, $3, $4)
        ON CONFLICT (node) DO UPDATE SET lease_until_us = excluded.lease_until_us,
        line_since_us = CASE WHEN call_node.line = excluded.line
            THEN call_node.line_since_us ELSE excluded.line_since_us END,
        line = excluded.line";
    REST = "UPDATE call_node SET lease_until_us = 0 WHERE node = $1";
}

pub(super) fn nodes(tx: &mut Tx<'_>) -> Result<Vec<Node>, CallsError> {
    Ok(tx.query(&NODES, &[], |row| {
        Ok(Node {
            name: row.text(0)?,
            lease_until: row.time(1)?,
            line: if row.text(2)? == "up" {
                LineState::Up
            } else {
                LineState::Down
            },
            line_since: row.time(3)?,
        })
    })?)
}

pub(super) fn beat(
    tx: &mut Tx<'_>,
    node: &str,
    now: Timestamp,
    until: Timestamp,
    line: LineState,
) -> Result<(), CallsError> {
    let line = match line {
        LineState::Up => "up",
        LineState::Down => "down",
    };
    tx.execute(&BEAT, &[node.into(), until.into(), line.into(), now.into()])?;
    Ok(())
}

pub(super) fn rest(tx: &mut Tx<'_>, node: &str) -> Result<(), CallsError> {
    tx.execute(&REST, &[node.into()])?;
    Ok(())
}

//! Members of staff, from the command line: the first one must come from somewhere.

use super::{open_database, open_existing, open_keyring};
use crate::config::Config;
use crate::error::HuilingError;
use base::{Ambient, StaffId};
use clap::Subcommand;
use security::SecurityError;
use security::audit::{self, Actor};
use security::passwords::{self, Cost};
use security::staff::{self, Added, Role};
use std::process::ExitCode;
use store::{Db, Tx};

#[derive(Subcommand)]
pub enum Command {
    /// Adds a member of staff and prints a first password, to be changed at the first sign-in.
    Add {
        name: String,
        /// agent, teller, risk_officer, supervisor or administrator
        #[arg(long)]
        role: String,
    },
    /// Gives a member of staff another role.
    Role {
        name: String,
        #[arg(long)]
        role: String,
    },
    /// Gives a member who lost password or authenticator a first password and lets them enrol a new
    /// authenticator. For when no two administrators can sign in to do it.
    Reset { name: String },
    /// Closes the account of a member who leaves; who is signed in is out at once.
    Close { name: String },
    /// Lists the members of staff.
    List,
}

pub fn run(config: &Config, command: Command) -> Result<ExitCode, HuilingError> {
    let ambient = Ambient::system();
    let db = match command {
        // The first member of staff may come before the first start.
        Command::Add { .. } => open_database(config, &ambient)?,
        Command::Role { .. } | Command::Reset { .. } | Command::Close { .. } | Command::List => {
            open_existing(config, &ambient)?
        }
    };
    match command {
        Command::Add { name, role } => add(config, &db, &ambient, name, &role)?,
        Command::Role { name, role } => {
            let role = role_of(&role)?;
            let changed = change(&db, &name, "staff.role", move |tx, ambient, id| {
                let withdrawn = staff::set_role(tx, ambient, id, role)?;
                Ok(withdrawn.map(|count| format!("{}; requests withdrawn: {count}", role.code())))
            })?;
            println!("{name} is {changed}.");
        }
        Command::Reset { name } => {
            let password = passwords::first(&ambient.rng);
            let hash = passwords::hash(&ambient, Cost::PRODUCTION, &password);
            change(&db, &name, "staff.reset", move |tx, ambient, id| {
                Ok(staff::reset(tx, ambient, id, &hash)?.then(String::new))
            })?;
            println!(
                "{name} is signed out and has no authenticator. First password, to be changed at the next sign-in: {password}"
            );
        }
        Command::Close { name } => {
            let withdrawn = change(&db, &name, "staff.closed", |tx, ambient, id| {
                let withdrawn = staff::deactivate(tx, ambient, id)?;
                Ok(withdrawn.map(|count| format!("requests withdrawn: {count}")))
            })?;
            println!("{name} is closed and signed out; {withdrawn}.");
        }
        Command::List => {
            for member in db.read(staff::list)? {
                let state = if member.active { "" } else { " (closed)" };
                println!("{}\t{}{state}", member.name, member.role);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn add(config: &Config, db: &Db, ambient: &Ambient, name: String, role: &str) -> Result<(), HuilingError> {
    let role = role_of(role)?;
    let keyring = open_keyring(config, db, ambient)?;
    let password = passwords::first(&ambient.rng);
    let hash = passwords::hash(ambient, Cost::PRODUCTION, &password);
    let (member, ambient) = (name.clone(), ambient.clone());
    let added = db.write(move |tx| {
        let added = staff::add(tx, &ambient, &keyring, &member, role, &hash)?;
        if let Added::Added(id) = added {
            audit::record(
                tx,
                &ambient,
                &Actor::System,
                "staff.added",
                &id.to_string(),
                role.code(),
            )?;
        }
        Ok::<_, security::SecurityError>(added)
    })?;
    match added {
        Added::Added(_) => {
            println!("{name} is {role}. First password, to be changed at the first sign-in: {password}");
            Ok(())
        }
        Added::NameTaken => Err(HuilingError::Unusable(format!(
            "{name} exists already; choose another name"
        ))),
        Added::BadName => {
            let rule = "a name has 3 to 32 letters, digits, dots, hyphens or underscores";
            Err(HuilingError::Unusable(rule.into()))
        }
    }
}

fn role_of(text: &str) -> Result<Role, HuilingError> {
    text.replace('-', "_").parse().map_err(unusable)
}

/// Finds a member by name, changes it, and writes that down in the same transaction, with the
/// detail that the change gives; it is returned. `None` means that there was nothing to change.
fn change(
    db: &Db,
    name: &str,
    action: &'static str,
    act: impl Fn(&mut Tx<'_>, &Ambient, StaffId) -> Result<Option<String>, SecurityError> + Send + 'static,
) -> Result<String, HuilingError> {
    let (wanted, ambient) = (name.to_owned(), db.ambient().clone());
    let changed = db.write(move |tx| {
        let Some(member) = staff::list(tx)?.into_iter().find(|member| member.name == wanted) else {
            return Ok(None);
        };
        let done = act(tx, &ambient, member.id)?;
        if let Some(detail) = &done {
            let subject = member.id.to_string();
            audit::record(tx, &ambient, &Actor::System, action, &subject, detail)?;
        }
        Ok::<_, SecurityError>(done)
    })?;
    changed.ok_or_else(|| {
        HuilingError::Unusable(format!(
            "there is no open account of the name {name}; `huiling user list` shows them"
        ))
    })
}

fn unusable(error: impl std::fmt::Display) -> HuilingError {
    HuilingError::Unusable(error.to_string())
}

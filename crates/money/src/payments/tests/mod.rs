mod gathered;
mod oracle;
mod pure;
mod slices;

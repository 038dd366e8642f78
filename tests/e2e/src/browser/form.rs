//! Forms in the browser: fields are known by their names, as the server knows them.

use anyhow::Result;

use super::Browser;
use crate::server::{PASSWORD, Server};

impl Browser {
    /// Types into the fields with these names.
    pub fn fill_in(&self, fields: &[(&str, &str)]) -> Result<()> {
        for (name, text) in fields {
            self.fill(&format!("main [name=\"{name}\"]"), text)?;
        }
        Ok(())
    }

    /// Presses the button that sends the form in which a field with this name stands.
    pub fn send(&self, field: &str) -> Result<()> {
        let form = format!("main form:has([name=\"{field}\"])");
        self.click(&format!("{form} :is(button:not([type=button]), input[type=submit])"))
    }

    /// Logs in with the form.
    pub fn log_in(&self, server: &Server, name: &str) -> Result<()> {
        self.goto(&server.url("/auth/login"))?;
        self.log_in_here(name, PASSWORD)?;
        self.until("logged in", |browser| Ok(!browser.url()?.contains("/auth/login")))
    }

    /// Fills in and sends the login form that is open.
    pub fn log_in_here(&self, name: &str, password: &str) -> Result<()> {
        self.fill_in(&[("username", name), ("password", password)])?;
        self.send("password")
    }
}

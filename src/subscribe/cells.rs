//! Cells of a CSV file that a spreadsheet would run as a formula: defused on the way out, and exactly that undone on the way in.

/// Puts an apostrophe before a cell that begins like a formula. Cells that look as if this had been done get one more, so that [`restore`] undoes it
/// whatever the cell.
pub fn defuse(cell: &str) -> String {
    if is_dangerous(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// Undoes [`defuse`].
pub fn restore(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => cell,
    }
}

fn is_dangerous(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_defused_and_all_else_is_left_alone() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(defuse(cell), format!("'{cell}"));
        }
        for cell in ["", "Jo", "'t Hooft", "a=b", "2026-11-20"] {
            assert_eq!(defuse(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn what_is_defused_comes_back_as_it_was(cell in "['=+@a\\t-]{0,6}.{0,4}") {
            let out = defuse(&cell);
            prop_assert!(!out.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(restore(&out), cell);
        }
    }
}

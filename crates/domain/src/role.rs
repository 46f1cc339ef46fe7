//! The roles of users. What each may do stands in [`crate::permission`].

text_enum! {
    /// What a user is in the company.
    pub enum Role as "role" {
        /// NVBH: visits shops along a route and sells.
        SalesRep = "sales_rep",
        /// GSBH/SS: leads a team of reps.
        Supervisor = "supervisor",
        /// ASM: leads the supervisors of an area.
        AreaManager = "area_manager",
        /// RSM: leads the areas of a region.
        RegionalManager = "regional_manager",
        /// Runs the back office of one distributor.
        DistributorAdmin = "distributor_admin",
        /// Keeps the master data and the users of the whole company.
        CompanyAdmin = "company_admin",
    }
}

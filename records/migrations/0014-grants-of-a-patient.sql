-- Who may see one patient's chart, for her own eyes. Led by the patient: see 0003 on what a leading tenant did to the planner.
create index grant_patient on records."grant" (patient, tenant, ends);

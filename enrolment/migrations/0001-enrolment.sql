-- How people come to the clinic: registration, verified addresses, dependants. Times are bigint ms since epoch; no personal data in the clear.

grant usage on schema enrolment to afar_app;

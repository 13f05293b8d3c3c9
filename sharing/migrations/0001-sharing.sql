-- What lets others into a chart beside care: break-glass, share links; and who has been there. Times are bigint ms since epoch; no personal data in the clear.

grant usage on schema sharing to afar_app;

"""What people are told about their visits: rows that the portal shows and mails are sent from."""
